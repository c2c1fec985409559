"""The models that are to be measured, of artefacts and of bundles, each read as data before a runtime sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derm_cli.plugin import DermError, Inspection, RequestError, one_line, sha256_of
from mobile_export.bundle.layout import MOST_BYTES, MOST_MODEL
from mobile_export.bundle.opening import checked_content, manifest_in, opened
from mobile_export.bundle.runtimes import RUNTIMES
from mobile_export.formats.inspecting import inspect_onnx, inspect_tflite

INSPECT: dict[str, Callable[[Path], Inspection]] = {".tflite": inspect_tflite, ".onnx": inspect_onnx}
"""What reads the files that a runtime takes, by their ending."""


@dataclass(frozen=True, kw_only=True)
class MeasuredModel:
    """A model: its name, its file or the copy of it, and what is in it; ``told`` is the manifest's entry of it."""

    name: str
    source: Path
    path: Path
    size: int
    sha256: str
    inspection: Inspection
    told: dict[str, Any] = field(default_factory=dict)


def models_of(source: Path, scratch: Path) -> list[MeasuredModel]:
    """Return the models of an artefact or a bundle; those of a bundle are copied to ``scratch``, as they were checked.

    Raises RequestError where there is nothing to measure, and DermError where something is damaged, or not derm's.
    """
    if source.suffix in INSPECT and source.is_file():
        return [_model(source.name, source, source)]
    if source.is_file() and source.suffix != ".zip":
        endings = ", ".join(INSPECT)
        raise RequestError(f"'{source}' is no model that phones run: name a bundle, or a file that ends in {endings}.")
    return list(_of_bundle(source, scratch))


def _of_bundle(source: Path, scratch: Path) -> Iterator[MeasuredModel]:
    with opened(source) as folder:
        _, manifest = manifest_in(source, folder)
        entries = [each for each in manifest["models"] if Path(each["file"]).suffix in INSPECT]
        if not entries:
            raise RequestError(f"'{source}' has no model that a runtime takes: export it with --tflite or --onnx.")
        size = sum(each["size"] for each in entries)
        if size > MOST_BYTES:
            raise DermError(f"The models of '{source}' have {size} bytes, more than a bundle has: get it again.")
        for number, told in enumerate(entries):
            copy = scratch / f"{number}{Path(told['file']).suffix}"
            copy.write_bytes(checked_content(source, folder, manifest, told["file"], MOST_MODEL))
            yield _model(told["file"], source, copy, told)


def _model(name: str, source: Path, path: Path, told: dict[str, Any] | None = None) -> MeasuredModel:
    runtime = next(each for each in RUNTIMES.values() if each.suffix == path.suffix)
    try:
        size = path.stat().st_size
        if size > MOST_MODEL:
            raise DermError(
                f"'{source}' has {size} bytes, more than any file that '{runtime.name}' takes: get another."
            )
        found = INSPECT[path.suffix](path)
        return MeasuredModel(
            name=name,
            source=source,
            path=path,
            size=size,
            sha256=sha256_of(path),
            inspection=found,
            told=told or {},
        )
    except OSError as error:
        raise DermError(
            f"'{source}' cannot be read ({one_line(str(error.strerror))}): see to its permissions."
        ) from error
