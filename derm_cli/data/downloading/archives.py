"""Archives (zip; tar, plain or compressed), unpacked into a folder which nothing of them leaves.

Everything is looked at before the first byte is written, for an archive from the network may be made to do harm:
traversal, links and devices (CVE-2007-4559 and its like), bombs, names that overwrite each other.
"""

from __future__ import annotations

import lzma
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, cast

from derm_cli.data.downloading import space
from derm_cli.errors import DermError
from derm_cli.plugin.downloads import is_inside

MOST_MEMBERS = 1_000_000
MOST_EXPANSION = 100
ALWAYS_ALLOWED = 64 * 2**20
"""An archive may unpack to ``MOST_EXPANSION`` times its own size, or to ``ALWAYS_ALLOWED`` bytes if that is more:
photographs hardly compress, so that one which grows more is made to fill the disk."""
CHUNK = 1 << 20
LONGEST_NAME = 255


@dataclass(frozen=True)
class Member:
    """A file of an archive: its path with forward slashes, its size in bytes as told, and what opens it."""

    path: str
    size: int
    open: Callable[[], IO[bytes] | None]


def unpack(archive: Path, folder: Path) -> int:
    """Unpack ``archive`` into ``folder``, which must be empty or not there, and return the number of files.

    Raises DermError, and leaves nothing in ``folder`` but what is inside of it, for an archive that is damaged or
    encrypted; has a path that leaves the folder, a link, a device, two members of one name (also in other case, or as
    file and folder); or unpacks to more than it should.
    """
    with _explained_errors(archive):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened_zip:
                return _write(archive, _zip_members(archive, opened_zip), folder)
        with _decompressed(archive) as stream, tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as tar:
            return _write(archive, _tar_members(archive, tar, stream), folder)


def _refusal(archive: Path, problem: str) -> DermError:
    return DermError(f"The archive '{archive.name}' {problem}: it was not unpacked; ask its publisher.")


@contextmanager
def _explained_errors(archive: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, ValueError) as error:
        raise _refusal(archive, f"is damaged or is none ({error})") from error
    except (NotImplementedError, RuntimeError, OverflowError, struct.error) as error:
        raise _refusal(archive, f"cannot be read ({error})") from error
    except OSError as error:
        if error.errno is None:  # gzip's, lzma's and bz2's own complaints about what they read
            raise _refusal(archive, f"is damaged or is none ({error})") from error
        raise DermError(
            f"The archive '{archive}' cannot be unpacked ({error.strerror}): see to the disk, and give the command "
            "again."
        ) from error


def _zip_members(archive: Path, opened_zip: zipfile.ZipFile) -> Iterator[Member]:
    for member in opened_zip.infolist():
        kind = stat.S_IFMT(member.external_attr >> 16)
        # The name as it is written: Python's own would cut it at a zero byte.
        name = member.orig_filename
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refusal(archive, f"has '{name}', which is neither a file nor a folder")
        if member.flag_bits & 0x1:
            raise _refusal(archive, f"is encrypted ('{name}')")
        # Not Python's own is_dir(), which fails of a name that is empty.
        if name.endswith("/"):
            _checked_path(archive, name.rstrip("/"))
        else:
            path = _checked_path(archive, name)
            yield Member(path, member.file_size, lambda member=member: opened_zip.open(member))  # type: ignore[misc]


class _BoundedStream:
    """What a tar is read from: tarfile takes whole headers into memory, whatever size they tell."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.close = file.seek, file.tell, file.close

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes.  Raises tarfile.ReadError for more than a header or a chunk may have."""
        if not 0 <= size <= CHUNK:
            raise tarfile.ReadError("a header tells a size that no header has")
        return self._file.read(size)


@contextmanager
def _decompressed(archive: Path) -> Iterator[_BoundedStream]:
    with archive.open("rb") as file:
        start = file.read(6)
    for magic, module in ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\xfd7zXZ\0", "lzma")):
        if start.startswith(magic):
            with import_module(module).open(archive, "rb") as stream:
                yield _BoundedStream(stream)
            return
    with archive.open("rb") as file:
        yield _BoundedStream(file)


def _tar_members(archive: Path, opened_tar: tarfile.TarFile, stream: _BoundedStream) -> Iterator[Member]:
    for member in opened_tar:
        name = member.name.removeprefix("./")
        if not (member.isreg() or member.isdir()) or member.issparse():
            raise _refusal(archive, f"has '{name}', which is neither a file nor a folder")
        if member.isreg():
            path = _checked_path(archive, name)
            yield Member(path, member.size, lambda member=member: opened_tar.extractfile(member))  # type: ignore[misc]
        elif name not in ("", "."):
            _checked_path(archive, name.rstrip("/"))
    # The checksum of a compressed tar stands behind everything, where tarfile does not read.
    for _ in range(_size_limit(archive) // CHUNK + 1):
        if not stream.read(CHUNK):
            return
    raise _refusal(archive, "goes on behind its last file")


def _checked_path(archive: Path, name: str) -> str:
    if not is_inside(name) or any(len(part.encode()) > LONGEST_NAME for part in name.split("/")):
        raise _refusal(archive, f"has the path '{name!a}', which leaves its folder or is none on some system")
    return name


def _write(archive: Path, members: Iterable[Member], folder: Path) -> int:
    checked = _checked_members(archive, members)
    total = sum(member.size for member in checked)
    space.require_free(folder.parent, total, f"Unpacking '{archive.name}'")
    for member in checked:
        path = folder / member.path
        path.parent.mkdir(parents=True, exist_ok=True)
        source = member.open()
        if source is None:
            raise _refusal(archive, f"has '{member.path}', which is no file")
        written = 0
        with source, path.open("xb") as file:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > member.size:
                    raise _refusal(archive, f"has more in '{member.path}' than it tells")
                file.write(chunk)
        if written != member.size:
            raise _refusal(archive, f"has less in '{member.path}' than it tells")
    return len(checked)


def _checked_members(archive: Path, members: Iterable[Member]) -> list[Member]:
    """Return all entries, none of which overwrites another.  Raises DermError as soon as one is amiss."""
    limit = _size_limit(archive)
    checked: list[Member] = []
    total = 0
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for member in members:
        total += member.size
        if total > limit:
            raise _refusal(archive, f"of {archive.stat().st_size:,} bytes unpacks to more than {limit:,}")
        if len(checked) >= MOST_MEMBERS:
            raise _refusal(archive, f"has more than {MOST_MEMBERS:,} files")
        key = _folded(member.path)
        parts = member.path.split("/")
        if key in files or key in folders:
            raise _refusal(archive, f"has '{member.path}' twice, or in another case, or as a folder too")
        files[key] = member.path
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            if folders.setdefault(_folded(parent), parent) != parent or _folded(parent) in files:
                raise _refusal(archive, f"has '{parent}' in another case, or as a file too")
        checked.append(member)
    return checked


def _size_limit(archive: Path) -> int:
    """Return the number of bytes to which an archive may unpack."""
    return max(ALWAYS_ALLOWED, MOST_EXPANSION * archive.stat().st_size)


def _folded(path: str) -> str:
    """Return what names have in common that are one file on a system which does not tell case or accents apart."""
    return unicodedata.normalize("NFC", path).casefold()
