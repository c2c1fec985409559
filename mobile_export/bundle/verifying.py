"""Proves a bundle from the file to the answer: hashes, schema, and its test vectors in every runtime.

Nothing of the bundle is run but its networks, in processes of their own; derm's own client asks them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from derm_cli.plugin import (
    FLOAT_INPUT,
    ArtefactFacts,
    CheckedPhotograph,
    DermError,
    ModelCheck,
    RequestError,
    Verification,
    VerifyRequest,
    first_line,
    sha256_of,
)
from mobile_export.artefact.archive import read_facts
from mobile_export.artefact.checks import damaged_error, verified_facts
from mobile_export.bundle.comparing import checked
from mobile_export.bundle.layout import CLIENT as CLIENT_FILE
from mobile_export.bundle.reading import file_faults, read_manifest, read_vectors
from mobile_export.bundle.runtimes import CLIENT, MEDIAPIPE, RUNTIMES, NoRuntime, Runtime, answers_of, python_of
from mobile_export.formats.onnx import FACTS_KEY, LABELS_KEY
from mobile_export.formats.onnx_bounds import check_bounds
from mobile_export.formats.tflite_bounds import check_bounds as check_tflite_bounds

VECTORS, PHOTOGRAPHS = "test vectors", "photographs"


def verify(folder: Path, request: VerifyRequest) -> Verification:
    """Return what is found of a bundle, which may be a stranger's.

    Raises RequestError for a runtime that derm does not know, and DermError where there is no manifest of a bundle.
    """
    for name in request.runtimes:
        if name not in RUNTIMES:
            raise RequestError(f"There is no runtime '{name}': name one or more of {', '.join(RUNTIMES)}.")
    manifest = read_manifest(folder)
    notes = [manifest["warning"]] if manifest["warning"] else []
    faults = list(file_faults(folder, manifest))
    # What is not the file that was packed is handed to no runtime: one that was cut short can end a process.
    if faults:
        return Verification(faults=tuple(faults), notes=tuple(notes))
    if manifest["files"].get(CLIENT_FILE, {}).get("sha256") != sha256_of(CLIENT):
        notes.append(f"its {CLIENT_FILE} is not this derm's client, which is what was asked: read it before you run it")
    faults += _facts_faults(folder, manifest)
    vectors = [
        CheckedPhotograph(
            path=folder / each["file"], probabilities=tuple(each["probabilities"]), answers=each["answers"]
        )
        for each in read_vectors(folder, manifest)
    ]
    checks: list[ModelCheck] = []
    for runtime in (each for each in RUNTIMES.values() if not request.runtimes or each.name in request.runtimes):
        models = [each for each in manifest["models"] if _fits(runtime, each, manifest)]
        try:
            if not models:
                raise NoRuntime(f"no model of the bundle can be asked in '{runtime.name}'")
            python = python_of(runtime, request.cache)
        except NoRuntime as reason:
            (faults if runtime.name in request.runtimes else notes).append(str(reason))
            continue
        for model in models:
            for source, photographs in ((VECTORS, vectors), (PHOTOGRAPHS, request.photographs)):
                if photographs:
                    asking = _Asking(folder, manifest, model, runtime, python, source, photographs)
                    try:
                        checks.append(asking.check())
                        notes += asking.notes()
                    except DermError as error:
                        faults.append(str(error))
    asked = {each.model for each in checks}
    unasked = [each["file"] for each in manifest["models"] if each["file"] not in asked]
    notes += [f"'{name}' was asked in no runtime" for name in unasked]
    if not checks and not faults:
        faults.append("no model of it could be asked, so nothing is proved")
    return Verification(checks=tuple(checks), faults=tuple(faults), notes=tuple(notes))


class _Asking:
    """One model, asked in one runtime about photographs of one source."""

    def __init__(  # noqa: PLR0917
        self,
        folder: Path,
        manifest: dict[str, Any],
        model: dict[str, Any],
        runtime: Runtime,
        python: Path,
        source: str,
        photographs: Sequence[CheckedPhotograph],
    ) -> None:
        self.folder, self.model, self.runtime, self.python, self.source = folder, model, runtime, python, source
        self.classes = [each["name"] for each in manifest["classes"]]
        self.photographs = photographs

    def check(self, *, resizes: bool = False) -> ModelCheck:
        files = [(each.path, {name: str(value) for name, value in each.answers.items()}) for each in self.photographs]
        found = answers_of(self.runtime, self.python, self.folder, self.model["file"], files, resizes=resizes)
        expected = np.array([each.probabilities for each in self.photographs], dtype=np.float64)
        values = np.array(found, dtype=np.float64)
        if values.shape != expected.shape:
            raise DermError(f"'{self.model['file']}' gives '{values.shape}' probabilities, not '{expected.shape}'.")
        inside = self.source == VECTORS
        return checked(
            expected,
            values,
            [each.path.relative_to(self.folder).as_posix() if inside else str(each.path) for each in self.photographs],
            [each.label for each in self.photographs],
            self.classes,
            model=self.model["file"],
            variant=self.model["variant"],
            runtime=self.runtime.name,
            source=f"{self.source}, resized already" if self.runtime.name == MEDIAPIPE else self.source,
        )

    def notes(self) -> Iterator[str]:
        if self.runtime.name == MEDIAPIPE:
            own = self.check(resizes=True)
            yield (
                f"'{own.model}' in {MEDIAPIPE} on {own.photographs} {self.source} that it resizes by its own rule: a "
                f"probability differs by up to {own.max_difference:.2g}, {own.agreement:.0%} have the same answer; "
                "resize by the manifest's rule before it is asked"
            )


def _fits(runtime: Runtime, model: dict[str, Any], manifest: dict[str, Any]) -> bool:
    """Tell whether a runtime can be asked: MediaPipe's classifier takes one input, of bytes."""
    if not model["file"].endswith(runtime.suffix):
        return False
    return runtime.name != MEDIAPIPE or not (manifest["questions"] or FLOAT_INPUT in model["variant"])


def _facts_faults(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """Return where a model carries other facts inside than the manifest tells: another order of classes, say."""
    faults = []
    for model in manifest["models"]:
        try:
            facts = _facts_inside(folder / model["file"])
        except DermError as error:
            faults.append(first_line(error).removesuffix("."))
            continue
        if facts is None:
            continue
        told = (manifest["run"]["id"], [each["name"] for each in manifest["classes"]], manifest["preprocessing"])
        carried = (facts.run, [each.name for each in facts.classes], facts.preprocessing.to_json())
        words = ("run", "classes", "preprocessing")
        faults += [
            f"'{model['file']}' carries another '{word}' than the manifest tells"
            for word, one, other in zip(words, told, carried, strict=True)
            if one != other
        ]
    return faults


def _facts_inside(path: Path) -> ArtefactFacts | None:
    """Return what a model carries of itself, read without a runtime; None of a format that derm cannot read so."""
    if path.suffix == ".tflite":
        facts = read_facts(path).facts
        try:
            check_tflite_bounds(path.read_bytes())
        except ValueError as error:
            raise damaged_error(path, error) from error
        return facts
    if path.suffix != ".onnx":
        return None
    import onnx

    try:
        content = path.read_bytes()
        check_bounds(content)
        model = onnx.ModelProto.FromString(content)
    # What protobuf says of a file that is none is its own.
    except Exception as error:
        raise damaged_error(path, error) from error
    carried = {each.key: each.value for each in model.metadata_props}
    if FACTS_KEY not in carried or LABELS_KEY not in carried:
        raise damaged_error(path, "it carries no facts")
    return verified_facts(path, carried[FACTS_KEY], carried[LABELS_KEY])
