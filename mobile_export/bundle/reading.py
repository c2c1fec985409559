"""Reads a bundle, which may be a stranger's, as data: bounded, by its schema, each file by its size and SHA-256."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from derm_cli.plugin import DermError, first_line, sha256_of
from mobile_export.bundle.layout import EXPECTED, MANIFEST, MOST_BYTES, MOST_FILES, MOST_TEXT
from mobile_export.bundle.schema import MANIFEST_SCHEMA, schema_faults, strict_json

MOST_TOLD = 5
AGAIN = "get the bundle again, or export it again with 'derm export --bundle'"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a bundle.  Raises DermError where it is not there, damaged, or contradicts itself."""
    path = folder / MANIFEST
    return checked_manifest(_read_json(path), path)


def checked_manifest(manifest: Any, source: Path) -> dict[str, Any]:
    """Return a manifest that was read from ``source``.  Raises DermError where it contradicts its schema or itself."""
    faults = schema_faults(manifest, json.loads(MANIFEST_SCHEMA.read_text(encoding="utf-8")))
    faults = faults or list(_contradictions(manifest))
    if faults:
        more = f" and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
        raise DermError(f"'{source}' is no manifest of a bundle ({'; '.join(faults[:MOST_TOLD])}{more}): {AGAIN}.")
    return dict(manifest)


def models_of(folder: Path) -> tuple[Path, ...]:
    """Return the models of a bundle, in the manifest's order.

    Raises DermError where one is not the file of which the manifest has the size and the SHA-256.
    """
    manifest = read_manifest(folder)
    paths = [folder / each["file"] for each in manifest["models"]]
    for path, told in zip(paths, manifest["models"], strict=True):
        is_file = path.is_file() and not path.is_symlink()
        if not is_file or path.stat().st_size != told["size"] or sha256_of(path) != told["sha256"]:
            raise DermError(f"'{path}' is not the file that the manifest of its bundle tells of: {AGAIN}.")
    return tuple(paths)


def read_vectors(folder: Path, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the test vectors of a bundle: ``file``, ``answers`` and ``probabilities`` of each.

    Raises DermError where they have not the form, or name a file that the manifest does not know.
    """
    path, classes = folder / EXPECTED, len(manifest["classes"])
    rows = _read_json(path)
    number = {"type": "number", "minimum": 0, "maximum": 1}
    row = {
        "type": "object",
        "properties": {
            "file": {"enum": sorted(manifest["files"])},
            "answers": {"type": "object", "additionalProperties": {"type": "string"}},
            "probabilities": {"type": "array", "items": number, "minItems": classes, "maxItems": classes},
        },
        "required": ["file", "answers", "probabilities"],
    }
    faults = schema_faults(rows, {"type": "array", "items": row, "minItems": 1, "maxItems": MOST_FILES})
    if faults:
        raise DermError(f"'{path}' has no test vectors ({'; '.join(faults[:MOST_TOLD])}): {AGAIN}.")
    return list(rows)


def file_faults(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what is amiss with the files of a bundle: missing, changed, too many, no files, or not in the manifest."""
    told = manifest["files"]
    if sum(each["size"] for each in told.values()) > MOST_BYTES:
        yield f"the manifest tells of more than {MOST_BYTES} bytes"
        return
    found = set()
    for number, path in enumerate(_everything(folder)):
        if number > 2 * MOST_FILES:
            yield f"there are more than {MOST_FILES} files"
            return
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            yield f"'{name}' is no file but a link, or something else"
        elif path.is_file() and name != MANIFEST:
            found.add(name)
            if name not in told:
                yield f"'{name}' is not in the manifest"
            elif path.stat().st_size != told[name]["size"]:
                yield f"'{name}' has {path.stat().st_size} bytes, not the {told[name]['size']} of the manifest"
            elif sha256_of(path) != told[name]["sha256"]:
                yield f"'{name}' is not the file that the manifest has the SHA-256 of"
    yield from (f"'{name}' is not there" for name in sorted(set(told) - found))


def _everything(folder: Path) -> Iterator[Path]:
    """Yield all below a folder, links as they are: nothing outside of it is looked at."""
    for root, folders, files in os.walk(folder, followlinks=False):
        yield from (Path(root, name) for name in sorted((*folders, *files)))


def _read_json(path: Path) -> Any:
    try:
        # A link may lead anywhere, and a pipe would be waited for.
        if path.is_symlink() or not path.is_file():
            raise ValueError("it is not there, or no file")
        if path.stat().st_size > MOST_TEXT:
            raise ValueError(f"it has {path.stat().st_size} bytes")
        return strict_json(path.read_bytes())
    except OSError as error:
        raise DermError(f"'{path}' cannot be read ({error.strerror}): {AGAIN}.") from error
    except ValueError as error:
        raise DermError(f"'{path}' is not what derm writes ({first_line(error)}): {AGAIN}.") from error


def _contradictions(manifest: dict[str, Any]) -> Iterator[str]:
    names = [each["name"] for each in manifest["classes"]]
    if len(set(names)) < len(names):
        yield "two classes share a name"
    for place in ("thresholds", "advice"):
        rules = manifest[place] if place == "thresholds" else manifest[place]["rules"]
        if any(set(rule["classes"]) - set(names) for rule in rules):
            yield f"'{place}' names a class that there is not"
    for model in manifest["models"]:
        told = manifest["files"].get(model["file"])
        if told != {"size": model["size"], "sha256": model["sha256"]}:
            yield f"the model '{model['file']}' is not among the files"
    questions = manifest["questions"]
    if questions:
        fields = {each["name"] for each in questions["fields"]}
        if questions["width"] != len(questions["vector"]) or {e["question"] for e in questions["vector"]} != fields:
            yield "the vector of answers is not that of its questions"
    if len(manifest["inputs"]) != 1 + bool(questions):
        yield "the inputs are not those of a model with these questions"
