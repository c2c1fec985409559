"""Writes every variant of a run's TFLite file, and how near each is to the run on its test photographs.

``python -m benchmarks.exports.judging RUN FOLDER DATA CACHE VARIANT…`` does that for ``FOLDER/VARIANT/model.tflite``:
TensorFlow is imported there alone.  A file that the variant's gate refuses is written here all the same.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.processes import PYTHON, ROOT, environment, run

if TYPE_CHECKING:
    from derm_cli.runs.folder import RunFolder
    from derm_cli.workflows.session import Session

TFLITE, MODEL, JUDGED = "tflite", "model.tflite", "judged.json"
ACCEPTED_LOSS = 0.02
"""Of a class's recall, where the variant itself accepts none: the table tells of all of them alike."""


@dataclass(frozen=True)
class JudgedFile:
    """A variant's file: its bytes, and how its answers on ``photographs`` differ from its run's.

    ``largest`` and ``mean`` are differences of a probability, ``agreement`` is the share of the same most probable
    class, ``recall`` by how much that of each class changed, in shares.  ``faults`` are what the gate refuses.
    """

    variant: str
    size: int
    photographs: int
    largest: float
    mean: float
    agreement: float
    recall: dict[str, float]
    faults: list[str]


def judged(run_folder: Path, folder: Path, variants: tuple[str, ...], data: Path, cache: Path) -> list[JudgedFile]:
    """Return what each variant's file costs; what stands in ``folder`` already is not done again.

    Raises RuntimeError where a run cannot be exported.
    """
    missing = [each for each in variants if not (folder / each / JUDGED).is_file()]
    if missing:
        command = [PYTHON, "-m", "benchmarks.exports.judging", *map(str, (run_folder, folder, data, cache)), *missing]
        run(command, environment([ROOT, ROOT / "plugins"]), ROOT)
    found = [json.loads((folder / each / JUDGED).read_text(encoding="utf-8")) for each in variants]
    return [JudgedFile(**each) for each in found]


def write_judged(run_folder: Path, folder: Path, variants: list[str], data: Path, cache: Path) -> None:
    """Write ``folder/VARIANT/model.tflite`` and what it is judged, for each of ``variants``, ``none`` among them."""
    from derm_cli import config
    from derm_cli.workflows.session import Session

    session = Session(config.load({"data": str(data), "cache": str(cache), "runs": str(run_folder.parent)}))
    _write_all(session, session.runs.find(run_folder.name), folder, variants)


def _write_all(session: Session, asked: RunFolder, folder: Path, variants: list[str]) -> None:
    from derm_cli.engine import backend
    from derm_cli.plugin import ExporterSpec
    from derm_cli.runs import layout
    from derm_cli.workflows.exporting.calibration import calibration_photographs
    from derm_cli.workflows.exporting.gate import recall_changes
    from derm_cli.workflows.exporting.parity import MOST_JUDGED, judge, reference_predictions
    from derm_cli.workflows.exporting.variants import requested_variants
    from derm_cli.workflows.predicting.predict import KERAS_EXPORTER
    from derm_cli.workflows.predicting.views import with_views

    reference = reference_predictions(session, asked, MOST_JUDGED)
    calibration = calibration_photographs(session, asked)
    backend.start()
    import keras

    path = asked.sealed(layout.MODEL)
    facts = session.registry.get(ExporterSpec, KERAS_EXPORTER).load(path).facts
    model = keras.saving.load_model(path, compile=False)
    pairs = requested_variants([session.registry.get(ExporterSpec, TFLITE)], variants)
    for name, (spec, variant) in zip(variants, pairs, strict=True):
        file = folder / name / MODEL
        file.parent.mkdir(parents=True, exist_ok=True)
        if variant is None:
            spec.export(model, facts, file)
        else:
            given = calibration if variant.calibrated else None
            variant.export(model, replace(facts, variant=variant.name), file, given)
        found = judge(with_views(spec.load(file), session.registry), reference, spec, variant)
        assert reference.table is not None
        changes = recall_changes(reference.table, found.probabilities, ACCEPTED_LOSS)
        told = JudgedFile(
            variant=name,
            size=file.stat().st_size,
            photographs=found.parity.photographs,
            largest=found.parity.max_difference,
            mean=float(np.abs(found.probabilities - reference.probabilities).mean()),
            agreement=found.parity.agreement,
            recall={each.name: each.after - each.before for each in changes},
            faults=list(found.faults),
        )
        (file.parent / JUDGED).write_text(json.dumps(vars(told)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    of_run, to, photographs, kept, *asked_for = sys.argv[1:]
    write_judged(Path(of_run), Path(to), asked_for, Path(photographs), Path(kept))
