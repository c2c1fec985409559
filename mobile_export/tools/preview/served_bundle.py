"""What the page needs of a bundle: the manifest, the ONNX file and the drawn photographs, each as the manifest has it.

A bundle is a stranger's: it is read as data, once, into memory, and nothing is served that was not checked.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from derm_cli.plugin import DermError, RequestError, first_line
from mobile_export.bundle.layout import EXPECTED, MANIFEST, MOST_FILES, MOST_TEXT, VECTORS
from mobile_export.bundle.reading import checked_manifest
from mobile_export.bundle.schema import strict_json

MOST_MODEL = 1 << 31
"""The most bytes of an ONNX file, which is one message of protobuf."""
MOST_PHOTOGRAPH = 4 << 20
"""The most bytes of a drawn photograph; derm's have a hundredth of it."""
SUFFIX = ".onnx"


@dataclass(frozen=True)
class ServedBundle:
    """A bundle's ``manifest``, the name of its ONNX file, ``model``, and the contents of its files by their names."""

    manifest: dict[str, Any]
    model: str
    files: dict[str, bytes]

    @property
    def photographs(self) -> tuple[str, ...]:
        """The names of the drawn photographs, in their order."""
        return tuple(sorted(name for name in self.files if name.startswith(f"{VECTORS}/")))


class Folder(Protocol):
    """What a bundle lies in: gives each file open."""

    def open(self, name: str) -> BinaryIO: ...


def read_bundle(path: Path) -> ServedBundle:
    """Read a bundle, a folder or a zip.

    Raises RequestError where there is none, or none with an ONNX file, and DermError where it is damaged: a file is not
    the one that the manifest tells of, or the manifest is not of its schema.
    """
    with _opened(path) as folder:
        content = _manifest_bytes(path, folder)
        manifest = _manifest_of(path, content)
        model = _browser_model(path, manifest)
        drawn = [name for name in manifest["files"] if name.startswith(f"{VECTORS}/") and name != EXPECTED]
        files = {MANIFEST: content, model: _checked(path, folder, manifest, model, MOST_MODEL)}
        files |= {name: _checked(path, folder, manifest, name, MOST_PHOTOGRAPH) for name in drawn}
        return ServedBundle(manifest, model, files)


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
def _opened(path: Path) -> Iterator[Folder]:
    if path.is_dir():
        yield _Directory(path)
        return
    if not path.is_file():
        raise RequestError(f"There is no bundle '{path}': name a folder or zip of 'derm export --bundle --onnx'.")
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > 2 * MOST_FILES:
                raise _damaged(path, f"it has {len(archive.infolist())} files")
            yield _Zip(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _damaged(path, error) from error


def _manifest_bytes(path: Path, folder: Folder) -> bytes:
    try:
        with folder.open(MANIFEST) as file:
            content = file.read(MOST_TEXT + 1)
    except (FileNotFoundError, KeyError):
        inside = path / "bundle"
        hint = f", such as '{inside}'" if (inside / MANIFEST).is_file() else ""
        raise RequestError(
            f"'{path}' has no {MANIFEST}: name a bundle of 'derm export --bundle --onnx'{hint}."
        ) from None
    if len(content) > MOST_TEXT:
        raise _damaged(path, f"its {MANIFEST} is larger than any")
    return content


def _manifest_of(path: Path, content: bytes) -> dict[str, Any]:
    try:
        return checked_manifest(strict_json(content), path / MANIFEST)
    except ValueError as error:
        raise _damaged(path, f"{MANIFEST}: {first_line(error)}") from error


def _browser_model(path: Path, manifest: dict[str, Any]) -> str:
    """Return the name of the first ONNX file, the plain one before its variants."""
    models = [each for each in manifest["models"] if each["file"].endswith(SUFFIX)]
    if not models:
        raise RequestError(
            f"'{path}' has no ONNX file, which a browser needs: write one with 'derm export --bundle --onnx'."
        )
    name: str = min(models, key=lambda each: bool(each["variant"]))["file"]
    return name


def _checked(path: Path, folder: Folder, manifest: dict[str, Any], name: str, most: int) -> bytes:
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
