"""Files that are either whole or not there, and what identifies their contents."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's contents, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder: of its files' paths in it and their SHA-256, in their order."""
    if not path.is_dir():
        return sha256_of(path)
    lines = [f"{sha256_of(each)}  {each.relative_to(path).as_posix()}\n" for each in files_in(path)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def files_in(path: Path) -> list[Path]:
    """Return a file itself, or all files in a folder, however deep, in the order of their paths."""
    return [path] if not path.is_dir() else sorted(each for each in path.rglob("*") if each.is_file())


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    return sum(each.stat().st_size for each in files_in(path))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path`` to write to, and rename it to ``path`` when all went well.

    A reader sees the old file or the new one, never a part, and a failure leaves nothing behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The number of a process does not tell writers apart: in containers that share a folder all may be number 1.
    writer = f"{os.getpid()}{int.from_bytes(os.urandom(4), 'big'):010}"
    temporary = path.with_name(f".{path.stem}.{writer}.part{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def leftovers(folder: Path) -> list[Path]:
    """Return the temporary files of :func:`whole` below ``folder``: being written, or left by a kill."""
    return sorted(path for path in folder.rglob(".*.part*") if path.is_file())


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` as UTF-8, whole or not at all."""
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
