"""The salt of this user and machine: a secret that keeps hashes of patients from being guessed."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from derm_cli.console import warn

FILE = "salt"
BYTES = 32


def salt() -> bytes:
    """Return the salt, 32 random bytes; it is drawn at its first use, into a file that its owner alone can read.

    The file lies in the user's data folder, not beside the runs: whoever gets a run does not get it.  Where it cannot
    be kept, a warning says so, and the salt is another each time.
    """
    where = ""
    try:
        path = salt_file()
        if not path.is_absolute():
            raise RuntimeError
        where = f" in '{path}'"
        return _read_or_create(path)
    except (OSError, RuntimeError) as error:
        # The latter is said of a user without a home folder.
        reason = error.strerror if isinstance(error, OSError) else "there is no home folder"
        warn(
            f"the salt of patients' hashes cannot be kept{where} ({reason}): the column 'group' of split.csv has other "
            "hashes than that of other runs."
        )
        return secrets.token_bytes(BYTES)


def salt_file() -> Path:
    """Return the file of the salt, which may not be there yet."""
    from platformdirs import user_data_path

    return user_data_path("derm", appauthor=False) / FILE


def _read_or_create(path: Path) -> bytes:
    """Return the salt in ``path``; where there is none, or what was one is damaged, it is drawn."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            _create(path)
            continue
        with suppress(ValueError):
            content = bytes.fromhex(text.decode("ascii"))
            if len(content) == BYTES:
                return content
        path.unlink(missing_ok=True)


def _create(path: Path) -> None:
    """Write a new salt, whole, unless another process was faster."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_bytes(BYTES).hex())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
