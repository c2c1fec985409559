"""Opens a bundle, a folder or a zip, and gives its files, each only if it is the one that the manifest tells of.

A bundle is a stranger's: nothing outside of it is looked at, and nothing larger than it tells is read.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from derm_cli.plugin import DermError, RequestError, first_line
from mobile_export.bundle.layout import MANIFEST, MOST_FILES, MOST_TEXT
from mobile_export.bundle.reading import checked_manifest
from mobile_export.bundle.schema import strict_json


class Folder(Protocol):
    """What a bundle lies in: gives each file open."""

    def open(self, name: str) -> BinaryIO: ...


class _Directory:
    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, name: str) -> BinaryIO:
        file = self._path / name
        # A link would lead out of the folder, and opening a pipe would wait for ever.
        if any(each.is_symlink() for each in (file, file.parent) if each != self._path) or not file.is_file():
            raise FileNotFoundError(name)
        return file.open("rb")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def open(self, name: str) -> BinaryIO:
        return self._archive.open(name)  # type: ignore[return-value]


@contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """Give what a bundle, a folder or a zip, lies in.

    Raises RequestError where there is none, and DermError for a zip that is damaged.
    """
    if path.is_dir():
        yield _Directory(path)
        return
    if not path.is_file():
        raise RequestError(f"There is no bundle '{path}': name a folder or zip of 'derm export --bundle'.")
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > 2 * MOST_FILES:
                raise _damaged(path, f"it has {len(archive.infolist())} files")
            yield _Zip(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _damaged(path, error) from error


def manifest_in(path: Path, folder: Folder) -> tuple[bytes, dict[str, Any]]:
    """Return the manifest of the bundle at ``path``, as its bytes and read.

    Raises RequestError where there is none, and DermError where it is damaged, or not of its schema.
    """
    content = _manifest_bytes(path, folder)
    return content, _manifest_of(path, content)


def _manifest_bytes(path: Path, folder: Folder) -> bytes:
    try:
        with folder.open(MANIFEST) as file:
            content = file.read(MOST_TEXT + 1)
    except (FileNotFoundError, KeyError):
        inside = path / "bundle"
        hint = f", such as '{inside}'" if (inside / MANIFEST).is_file() else ""
        raise RequestError(f"'{path}' has no {MANIFEST}: name a bundle of 'derm export --bundle'{hint}.") from None
    if len(content) > MOST_TEXT:
        raise _damaged(path, f"its {MANIFEST} is larger than any")
    return content


def _manifest_of(path: Path, content: bytes) -> dict[str, Any]:
    try:
        return checked_manifest(strict_json(content), path / MANIFEST)
    except ValueError as error:
        raise _damaged(path, f"{MANIFEST}: {first_line(error)}") from error


def checked_content(path: Path, folder: Folder, manifest: dict[str, Any], name: str, most: int) -> bytes:
    """Return the contents of a file of a bundle.

    Raises DermError where it is not the one that the manifest tells of, or has more than ``most`` bytes.
    """
    told = manifest["files"].get(name)
    if told is None or told["size"] > most:
        raise _damaged(path, f"'{name}' is not among its files, or is larger than any")
    try:
        with folder.open(name) as file:
            content = file.read(told["size"] + 1)
    except (FileNotFoundError, KeyError):
        raise _damaged(path, f"'{name}' is not there") from None
    if len(content) != told["size"] or hashlib.sha256(content).hexdigest() != told["sha256"]:
        raise _damaged(path, f"'{name}' is not the file that its {MANIFEST} tells of")
    return content


def _damaged(path: Path, error: object) -> DermError:
    return DermError(f"The bundle '{path}' is damaged ({first_line(error)}): export it again, or get it again.")
