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

MEMBERS = 1_000_000
RATIO = 100
FLOOR = 64 * 2**20
"""An archive may unpack to ``RATIO`` times its own size, or to ``FLOOR`` bytes if that is more: photographs hardly
compress, so that one which grows more is made to fill the disk."""
CHUNK = 1 << 20
NAME = 255


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
    with _sentences(archive):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                return _write(archive, _zipped(archive, opened), folder)
        with _decompressed(archive) as stream, tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as tar:
            return _write(archive, _tarred(archive, tar, stream), folder)


def _refusal(archive: Path, problem: str) -> DermError:
    return DermError(f"The archive '{archive.name}' {problem}: it was not unpacked; ask its publisher.")


@contextmanager
def _sentences(archive: Path) -> Iterator[None]:
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


def _zipped(archive: Path, opened: zipfile.ZipFile) -> Iterator[Member]:
    for member in opened.infolist():
        kind = stat.S_IFMT(member.external_attr >> 16)
        # The name as it is written: Python's own would cut it at a zero byte.
        name = member.orig_filename
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refusal(archive, f"has '{name}', which is neither a file nor a folder")
        if member.flag_bits & 0x1:
            raise _refusal(archive, f"is encrypted ('{name}')")
        if member.is_dir():
            _path(archive, name.rstrip("/"))
        else:
            yield Member(_path(archive, name), member.file_size, lambda member=member: opened.open(member))  # type: ignore[misc]


class _Stream:
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
def _decompressed(archive: Path) -> Iterator[_Stream]:
    with archive.open("rb") as file:
        start = file.read(6)
    for magic, module in ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\xfd7zXZ\0", "lzma")):
        if start.startswith(magic):
            with import_module(module).open(archive, "rb") as stream:
                yield _Stream(stream)
            return
    with archive.open("rb") as file:
        yield _Stream(file)


def _tarred(archive: Path, opened: tarfile.TarFile, stream: _Stream) -> Iterator[Member]:
    for member in opened:
        name = member.name.removeprefix("./")
        if not (member.isreg() or member.isdir()) or member.issparse():
            raise _refusal(archive, f"has '{name}', which is neither a file nor a folder")
        if member.isreg():
            yield Member(_path(archive, name), member.size, lambda member=member: opened.extractfile(member))  # type: ignore[misc]
        elif name not in ("", "."):
            _path(archive, name.rstrip("/"))
    # The checksum of a compressed tar stands behind everything, where tarfile does not read.
    for _ in range(_most(archive) // CHUNK + 1):
        if not stream.read(CHUNK):
            return
    raise _refusal(archive, "goes on behind its last file")


def _path(archive: Path, name: str) -> str:
    if not is_inside(name) or any(len(part.encode()) > NAME for part in name.split("/")):
        raise _refusal(archive, f"has the path '{name!a}', which leaves its folder or is none on some system")
    return name


def _write(archive: Path, entries: Iterable[Member], folder: Path) -> int:
    looked_at = _looked_at(archive, entries)
    total = sum(entry.size for entry in looked_at)
    space.require(folder.parent, total, f"Unpacking '{archive.name}'")
    for entry in looked_at:
        path = folder / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        source = entry.open()
        if source is None:
            raise _refusal(archive, f"has '{entry.path}', which is no file")
        written = 0
        with source, path.open("xb") as file:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > entry.size:
                    raise _refusal(archive, f"has more in '{entry.path}' than it tells")
                file.write(chunk)
        if written != entry.size:
            raise _refusal(archive, f"has less in '{entry.path}' than it tells")
    return len(looked_at)


def _looked_at(archive: Path, entries: Iterable[Member]) -> list[Member]:
    """Return all entries, none of which overwrites another.  Raises DermError as soon as one is amiss."""
    most = _most(archive)
    found: list[Member] = []
    total = 0
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for entry in entries:
        total += entry.size
        if total > most:
            raise _refusal(archive, f"of {archive.stat().st_size:,} bytes unpacks to more than {most:,}")
        if len(found) >= MEMBERS:
            raise _refusal(archive, f"has more than {MEMBERS:,} files")
        key = _same(entry.path)
        parts = entry.path.split("/")
        if key in files or key in folders:
            raise _refusal(archive, f"has '{entry.path}' twice, or in another case, or as a folder too")
        files[key] = entry.path
        for depth in range(1, len(parts)):
            above = "/".join(parts[:depth])
            if folders.setdefault(_same(above), above) != above or _same(above) in files:
                raise _refusal(archive, f"has '{above}' in another case, or as a file too")
        found.append(entry)
    return found


def _most(archive: Path) -> int:
    """Return the number of bytes to which an archive may unpack."""
    return max(FLOOR, RATIO * archive.stat().st_size)


def _same(path: str) -> str:
    """Return what names have in common that are one file on a system which does not tell case or accents apart."""
    return unicodedata.normalize("NFC", path).casefold()
