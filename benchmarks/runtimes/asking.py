"""Asks a bundle's models about photographs in the runtimes of ``derm verify``, and by ``run.py`` where it is alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.runtimes.showing import AskedRuntime
from derm_cli.plugin import CheckedPhotograph, DermError, ModelCheck, VerifyRequest
from mobile_export.bundle.comparing import checked
from mobile_export.bundle.reading import read_manifest
from mobile_export.bundle.runtimes import RUNTIMES, Runtime, python_of
from mobile_export.bundle.verifying import VECTORS, verify

CLIENT = "run.py"
BARE = (
    replace(RUNTIMES["litert"], packages=("ai-edge-litert", "pillow")),
    replace(RUNTIMES["onnxruntime"], packages=("onnxruntime", "pillow")),
)
"""What ``run.py`` needs beside Python, by runtime."""


@dataclass(frozen=True)
class AskedBundle:
    """A bundle, the photographs of its run, and the folder for environments of runtimes."""

    folder: Path
    photographs: tuple[CheckedPhotograph, ...]
    cache: Path

    def by_runtimes(self) -> Iterator[AskedRuntime]:
        """Yield what each runtime of ``derm verify`` answers.  Raises DermError where anything of it is amiss."""
        found = verify(self.folder, VerifyRequest(photographs=self.photographs, cache=self.cache))
        if found.faults:
            raise DermError(f"'{self.folder}' is not as it was packed: {'; '.join(found.faults)}.")
        for check in found.checks:
            if not check.source.startswith(VECTORS):
                runtime = RUNTIMES[check.runtime]
                yield AskedRuntime(check.runtime, version_of(runtime, python_of(runtime, self.cache)), check)

    def by_its_own_client(self) -> Iterator[AskedRuntime]:
        """Yield what ``run.py`` answers in environments that have one runtime, Pillow, and nothing else."""
        for runtime in BARE:
            python = python_of(runtime, self.cache / "bare")
            for model in self._models(runtime.suffix):
                files = [str(each.path.resolve()) for each in self.photographs]
                asked = ["--model", model, "--runtime", runtime.name]
                command = [str(python), "-I", str(self.folder / CLIENT), *files, *asked]
                done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise DermError(f"'{CLIENT}' does not answer by '{model}': {done.stderr.strip()}")
                answers = [[*each["probabilities"].values()] for each in json.loads(done.stdout)]
                name = f"{CLIENT}, {runtime.name}"
                yield AskedRuntime(name, version_of(runtime, python), self.compared(model, name, answers))

    def by_the_page(self, version: str, ask: Callable[[Sequence[Path]], list[list[float]]]) -> Iterator[AskedRuntime]:
        """Yield what the page of ``derm preview`` answers, which ``ask`` asks about files."""
        model = self._models(".onnx")[0]
        answers = ask([each.path for each in self.photographs])
        yield AskedRuntime("derm preview", version, self.compared(model, "onnxruntime-web", answers))

    def compared(self, model: str, runtime: str, answers: list[list[float]]) -> ModelCheck:
        """Return how near ``answers``, probabilities by photograph, are to those of the run."""
        manifest = read_manifest(self.folder)
        (entry,) = [each for each in manifest["models"] if each["file"] == model]
        return checked(
            np.array([each.probabilities for each in self.photographs], dtype=np.float64),
            np.array(answers, dtype=np.float64),
            [str(each.path) for each in self.photographs],
            [each.label for each in self.photographs],
            [each["name"] for each in manifest["classes"]],
            model=model,
            variant=entry["variant"],
            runtime=runtime,
            source="photographs",
        )

    def _models(self, suffix: str) -> list[str]:
        return [each["file"] for each in read_manifest(self.folder)["models"] if each["file"].endswith(suffix)]


def version_of(runtime: Runtime, python: Path) -> str:
    """Return the version of a runtime's package in the environment of ``python``."""
    program = (
        "import sys; from importlib import metadata; "
        f"print(metadata.version(metadata.packages_distributions()[{runtime.module!r}][0]))"
    )
    done = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()
