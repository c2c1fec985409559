"""Which files and folders a command may write: none that it reads, none of a dataset or a run, none of others."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from derm_cli.config import NoCacheError
from derm_cli.data.locating import known_dataset_names, locate
from derm_cli.errors import DermError, RequestError
from derm_cli.files import sha256_of, write_text
from derm_cli.runs import layout
from derm_cli.workflows.session import Session

NOTES = "outputs"
"""The folder of the cache with a note for each file that derm wrote where it was told to: the hash of its contents."""

Output = tuple[str, Path]
"""The option, or the argument, that names a file to write, and the file."""


@contextmanager
def writing(
    session: Session, outputs: Sequence[Output], inputs: Iterable[Path] = (), *, force: bool = False
) -> Iterator[None]:
    """Check the files that a block writes, and note afterwards that derm wrote them, so that it may do so again.

    Raises RequestError as :func:`check_output_files` does.
    """
    check_output_files(session, outputs, inputs, force=force)
    before = {path: _signature(path) for _, path in outputs}
    try:
        yield
    finally:
        for path, signature in before.items():
            if _signature(path) not in (None, signature):
                # A cache that cannot be written costs a --force the next time.
                with suppress(OSError, NoCacheError):
                    write_text(_note_path(session, path), sha256_of(path) + "\n")


def check_output_files(
    session: Session, outputs: Sequence[Output], inputs: Iterable[Path] = (), *, force: bool = False
) -> None:
    """Refuse to write over what must stay; ``inputs`` are the files that the command reads.

    Raises RequestError for a file that is an input, the file of two options, no regular file, or in the folder of a
    run, a dataset or the cache; and without ``force`` for one that is there and that derm did not write, or that was
    changed since.
    """
    # Notes of what was written lie there.
    check_work_folders(session, "cache")
    files = [*inputs, *([session.settings.file] if session.settings.file else [])]
    for position, (option, path) in enumerate(outputs):
        for other_option, other in outputs[:position]:
            if _is_same(path, other):
                raise RequestError(f"{other_option} and {option} both name '{path}': name two files.")
        for file in files:
            if _is_same(path, file):
                raise RequestError(
                    f"{option} '{path}' would overwrite '{file}', which this command reads: name another file."
                )
        parents = {*_absolute(path).parents, *path.resolve().parents}
        _check_parents(session, f"{option} '{path}'", parents, parents)
        _check_existing(session, option, path, force=force)


def check_output_folder(session: Session, option: str, folder: Path) -> None:
    """Refuse a folder to write in that is of a run or the cache, or inside a dataset; a dataset's own folder is fine.

    What is in the folder is not looked at.  Raises RequestError.
    """
    parents = {*_absolute(folder).parents, *folder.resolve().parents}
    _check_parents(session, f"{option} '{folder}'", parents | {_absolute(folder), folder.resolve()}, parents)


def check_work_folders(session: Session, *names: str) -> None:
    """Refuse a runs folder, or a cache, in which derm's own files would lie among those of a dataset or a run.

    ``names`` are the settings, ``runs`` and ``cache``; without any both are checked.  Raises RequestError.
    """
    settings = session.settings.named()
    for name in names or ("runs", "cache"):
        folder = settings[name].value
        if folder is None:
            # There is none, for want of a home folder: who needs it says so.
            continue
        folders = {each for path in (_absolute(folder), folder.resolve()) for each in (path, *path.parents)}
        _check_parents(session, f"--{name} '{folder}'", folders, folders, is_cache=name == "cache")


def _check_parents(
    session: Session, named: str, folders: set[Path], dataset_folders: set[Path], *, is_cache: bool = False
) -> None:
    """Refuse what is in the folder of a run or the cache by ``folders``, or of a dataset by ``dataset_folders``."""
    run = next((folder for folder in folders if (folder / layout.RECORD).is_file()), None)
    if run is not None:
        raise RequestError(f"{named} is in the folder of run '{run.name}', which has files of its own: name another.")
    cache = session.settings.known_cache_folder
    if cache is not None and cache.resolve() in folders and not is_cache:
        raise RequestError(f"{named} is in derm's cache '{cache.resolve()}': name another.")
    for name, root in _dataset_folders(session):
        if root in dataset_folders:
            raise RequestError(
                f"{named} is in '{root}', the folder of dataset '{name}', which derm reads and does not change: name "
                "another."
            )


def _check_existing(session: Session, option: str, path: Path, *, force: bool) -> None:
    if any(os.path.lexists(parent) and not parent.is_dir() for parent in _absolute(path).parents):
        raise RequestError(f"{option} '{path}' cannot be written: a file stands where its folder should be.")
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise RequestError(f"{option} '{path}' is there and is no regular file: name another one.")
    if force or _was_written(session, path):
        return
    raise RequestError(
        f"{option} '{path}' is there already, and derm did not write it, or it was changed since: name another file, "
        "or replace it with --force."
    )


def _dataset_folders(session: Session) -> Iterator[tuple[str, Path]]:
    """Yield the name and the folder of each dataset that derm knows."""
    for name in known_dataset_names(session.settings, session.registry):
        with suppress(DermError):
            yield name, locate(name, session.settings, session.registry).root.resolve()


def _was_written(session: Session, path: Path) -> bool:
    """Tell whether a file is still as derm wrote it."""
    try:
        return _note_path(session, path).read_text(encoding="utf-8").strip() == sha256_of(path)
    except (OSError, UnicodeDecodeError, NoCacheError):
        return False


def _note_path(session: Session, path: Path) -> Path:
    # The name of a file may tell of a patient, and may be longer than a name can be.
    name = hashlib.sha256(os.fsencode(_absolute(path))).hexdigest()
    return session.settings.cache_folder / NOTES / name


def _signature(path: Path) -> tuple[int, int, int] | None:
    """Return what differs once a file is written anew, None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _is_same(path: Path, other: Path) -> bool:
    """Tell whether two paths are of one file, by whatever links and spellings."""
    if _absolute(path) == _absolute(other) or path.resolve() == other.resolve():
        return True
    try:
        return path.samefile(other)
    except OSError:
        return False


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100  (Path.absolute leaves '..' in)
