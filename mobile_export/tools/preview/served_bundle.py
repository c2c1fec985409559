"""What the page needs of a bundle: the manifest, the ONNX file and the drawn photographs, each as the manifest has it.

A bundle is a stranger's: it is read as data, once, into memory, and nothing is served that was not checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derm_cli.plugin import RequestError
from mobile_export.bundle.layout import EXPECTED, MANIFEST, MOST_MODEL, VECTORS
from mobile_export.bundle.opening import checked_content, manifest_in, opened

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


def read_bundle(path: Path) -> ServedBundle:
    """Read a bundle, a folder or a zip.

    Raises RequestError where there is none, or none with an ONNX file, and DermError where it is damaged: a file is not
    the one that the manifest tells of, or the manifest is not of its schema.
    """
    with opened(path) as folder:
        content, manifest = manifest_in(path, folder)
        model = _browser_model(path, manifest)
        drawn = [name for name in manifest["files"] if name.startswith(f"{VECTORS}/") and name != EXPECTED]
        files = {MANIFEST: content, model: checked_content(path, folder, manifest, model, MOST_MODEL)}
        files |= {name: checked_content(path, folder, manifest, name, MOST_PHOTOGRAPH) for name in drawn}
        return ServedBundle(manifest, model, files)


def _browser_model(path: Path, manifest: dict[str, Any]) -> str:
    """Return the name of the first ONNX file, the plain one before its variants."""
    models = [each for each in manifest["models"] if each["file"].endswith(SUFFIX)]
    if not models:
        raise RequestError(
            f"'{path}' has no ONNX file, which a browser needs: write one with 'derm export --bundle --onnx'."
        )
    name: str = min(models, key=lambda each: bool(each["variant"]))["file"]
    return name
