"""The runtimes in which a bundle is checked, each in a process of its own, some in an environment of their own.

LiteRT and ONNX Runtime are derm's own.  tflite-runtime needs NumPy 1, MediaPipe brings OpenCV: their environments are
made once, with uv or pip, and kept.  What runs in them is derm's own client, never a file of the bundle.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from derm_cli.plugin import DermError, first_line

CLIENT = Path(__file__).with_name("client.py")
MOST_MEMORY = 16 << 30
"""The most bytes of addresses of a process that asks a model: runtimes reserve far more of them than they use."""
PATIENCE = 600
"""Seconds that an environment may take to be made, and that a runtime may take to answer."""
_READY = ".ready"
_BEGINNING = """
import importlib.util, json, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("client", sys.argv[1])
client = importlib.util.module_from_spec(spec)
spec.loader.exec_module(client)
asked = json.load(sys.stdin)
try:
    import resource
    # A network of a few bytes may ask for any amount of memory.
    resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
except (ImportError, ValueError, OSError):
    pass
folder, name = Path(asked["bundle"]), asked["model"]
"""
_ANSWERING = """
model = client.Model(folder, name, asked["runtime"])
"""
_CLASSIFYING = """
import mediapipe
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
model = client.Model.__new__(client.Model)
model.facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
names = [each["name"] for each in model.facts["classes"]]
options = vision.ImageClassifierOptions(
    base_options=BaseOptions(model_asset_path=str(folder / name)), max_results=-1
)
classifier = vision.ImageClassifier.create_from_options(options)
def classify(image):
    # Three channels always: one grey image would spoil every later answer of this classifier.
    shown = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image[0]))
    (head,) = classifier.classify(shown).classifications
    scores = {one.category_name: one.score for one in head.categories}
    return np.array([[scores[each] for each in names]])
model._network = classify
if asked["resizes"]:
    read = client.read
    client.read = lambda path, rule: (np.asarray(read(path, rule)[1]), read(path, rule)[1])
"""
_END = """
found = [model.answer(Path(each["file"]), each["answers"]) for each in asked["photographs"]]
print(json.dumps([[*each["probabilities"].values()] for each in found]))
"""


@dataclass(frozen=True)
class Runtime:
    """A runtime: the ending of the files that it loads, and the packages of its environment, none for derm's own.

    ``module`` is what it is imported by.  ``newest_python`` is the last Python for which there are packages.
    """

    name: str
    suffix: str
    module: str
    packages: tuple[str, ...] = ()
    newest_python: tuple[int, int] | None = None


RUNTIMES = {
    each.name: each
    for each in (
        Runtime("litert", ".tflite", "ai_edge_litert"),
        Runtime("onnxruntime", ".onnx", "onnxruntime"),
        Runtime(
            "tflite-runtime",
            ".tflite",
            "tflite_runtime",
            ("tflite-runtime==2.14.0", "numpy==1.26.4", "pillow>=11"),
            (3, 11),
        ),
        Runtime("mediapipe", ".tflite", "mediapipe", ("mediapipe==1.2.3", "pillow>=11")),
    )
}
MEDIAPIPE = "mediapipe"


class NoRuntime(DermError):
    """A runtime is not to be had here; the sentence says why."""


def python_of(runtime: Runtime, cache: Path | None) -> Path:
    """Return the Python that has a runtime; an environment is made in ``cache`` where it needs one of its own.

    It is a folder there, and while it is made a file of the same name with the ending ``.lock`` is locked.

    Raises NoRuntime where it cannot be had.
    """
    if not runtime.packages:
        if find_spec(runtime.module) is None:
            raise NoRuntime(f"'{runtime.name}' is not installed: install derm again.")
        return Path(sys.executable)
    if runtime.newest_python and sys.version_info[:2] > runtime.newest_python:
        newest = ".".join(map(str, runtime.newest_python))
        raise NoRuntime(f"'{runtime.name}' has no packages for a Python later than {newest}: verify with one of these.")
    if cache is None:
        raise NoRuntime(f"'{runtime.name}' needs a folder for its environment: name one with --cache DIR.")
    folder = _environment(runtime, cache)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=PATIENCE):
            if not _is_made(runtime, folder):
                shutil.rmtree(folder, ignore_errors=True)
                _make(runtime, folder)
                (folder / _READY).write_text(" ".join(runtime.packages))
    except Timeout:
        raise NoRuntime(
            f"'{runtime.name}' is being made in '{folder}' by another process: verify again later."
        ) from None
    return folder / "bin" / "python"


def kept_python(runtime: Runtime, cache: Path | None) -> Path | None:
    """Return the Python that has a runtime; None where it needs an environment of its own that was not made yet.

    Raises NoRuntime where it should be in derm's own and is not.
    """
    if not runtime.packages:
        return python_of(runtime, cache)
    if cache is None or not _is_made(runtime, _environment(runtime, cache)):
        return None
    return _environment(runtime, cache) / "bin" / "python"


def _environment(runtime: Runtime, cache: Path) -> Path:
    return cache / f"{runtime.name}-py{sys.version_info.major}{sys.version_info.minor}"


def _is_made(runtime: Runtime, folder: Path) -> bool:
    ready = folder / _READY
    return ready.is_file() and ready.read_text() == " ".join(runtime.packages)


def _make(runtime: Runtime, folder: Path) -> None:
    """Make an environment with the runtime's packages in ``folder``."""
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    python = folder / "bin" / "python"
    making = [uv, "venv", "-q", "--python", sys.executable, folder] if uv else [sys.executable, "-m", "venv", folder]
    filling = [uv, "pip", "install", "-q", "--python", python] if uv else [python, "-m", "pip", "install", "-q"]
    for command in (making, [*filling, *runtime.packages]):
        try:
            done = subprocess.run(
                [str(each) for each in command], capture_output=True, text=True, check=False, timeout=PATIENCE
            )
            said = done.stderr.strip() if done.returncode else ""
        except (OSError, subprocess.TimeoutExpired) as error:
            done, said = None, str(error)
        if done is None or done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            why = first_line(ValueError(said or "it ended without a word"))
            raise NoRuntime(f"'{runtime.name}' cannot be installed in '{folder}' ({why}): leave it out of --runtime.")


def answers_of(
    runtime: Runtime,
    python: Path,
    bundle: Path,
    model: str,
    photographs: Sequence[tuple[Path, dict[str, str]]],
    *,
    resizes: bool = False,
) -> list[list[float]]:
    """Return the probabilities of each photograph's file, with its answers, by a bundle's model in a runtime.

    ``resizes`` lets MediaPipe resize by its own rule.  Raises DermError where the process fails, or says what is none.
    """
    program = _BEGINNING + (_CLASSIFYING if runtime.name == MEDIAPIPE else _ANSWERING) + _END
    asked: dict[str, Any] = {
        "bundle": str(bundle.resolve()),
        "model": model,
        "runtime": runtime.name,
        "resizes": resizes,
        "memory": MOST_MEMORY,
        "photographs": [{"file": str(path.resolve()), "answers": answers} for path, answers in photographs],
    }
    command = [str(python), "-I", "-c", program, str(CLIENT)]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise DermError(
            f"'{model}' does not answer in '{runtime.name}' within {PATIENCE} s: export it again."
        ) from None
    try:
        if done.returncode:
            raise ValueError(
                done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"status {done.returncode}"
            )
        found: list[list[float]] = json.loads(done.stdout.strip().splitlines()[-1])
        return found
    except (ValueError, IndexError) as error:
        raise DermError(
            f"'{model}' cannot be asked in '{runtime.name}' ({first_line(error)}): export it again with 'derm export'."
        ) from None
