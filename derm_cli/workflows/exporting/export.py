"""Shipping a finished model: ``derm export``."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.console import warn
from derm_cli.data.photographs import Photographs
from derm_cli.engine import backend
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import read_predictions
from derm_cli.plugin import ExporterSpec
from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished
from derm_cli.workflows.predicting.predict import KERAS_EXPORTER, probabilities, uncropped_warning
from derm_cli.workflows.predicting.test_photographs import reread, tested_cases
from derm_cli.workflows.session import Session

CHECKED = 256
"""The most test photographs on which an artefact is checked against the run."""


@dataclass(frozen=True)
class Exported:
    """An artefact that was written, and how near it is to its run.

    ``max_difference`` is the largest difference of a probability, ``agreement`` the share of photographs with the same
    most probable class, both on ``photographs`` test photographs read from their files.
    """

    exporter: str
    path: Path
    size: int
    photographs: int
    max_difference: float
    agreement: float

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return {**vars(self), "path": str(self.path)}


@dataclass(frozen=True)
class Reference:
    """Test photographs as they are read from their files now, and what the run said of them."""

    photographs: Photographs
    probabilities: npt.NDArray[np.float64]


def export(session: Session, run: RunFolder, exporters: list[str]) -> list[Exported]:
    """Write ``run``'s model in each of the formats, each checked against the run before it takes its place.

    Raises DermError where the run is not finished or was changed, where its test photographs are not to be had, and
    where an artefact does not give the run's answers: it is then not written.
    """
    require_finished(run)
    specs = [session.registry.get(ExporterSpec, name) for name in exporters]
    reference = _reference(session, run)
    # The converters are TensorFlow's, whatever the run was trained with.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    backend.start()
    import keras

    path = run.sealed(names.MODEL)
    facts = session.registry.get(ExporterSpec, KERAS_EXPORTER).load(path).facts
    if facts.preprocessing.crop == "lesion":
        warn(uncropped_warning(facts))
    model = keras.saving.load_model(path, compile=False)
    done = []
    for spec in specs:
        target = run / names.ARTEFACTS / f"model{spec.suffix}"
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".checking-") as place:
            candidate = Path(place) / target.name
            spec.export(model, facts, candidate)
            exported = _check(run, spec, candidate, reference)
            candidate.replace(target)
        exported = Exported(**{**vars(exported), "path": target})
        run.seal(f"{names.ARTEFACTS}/{target.name}")
        known = run.record.get("artefacts", {})
        run.update(artefacts={**known, spec.name: exported.to_json() | {"path": f"{names.ARTEFACTS}/{target.name}"}})
        done.append(exported)
    return done


def _reference(session: Session, run: RunFolder) -> Reference:
    """Read the run's test photographs from their files again, evenly picked where there are many."""
    tested = tested_cases(run)
    picked = np.unique(np.linspace(0, len(tested) - 1, min(CHECKED, len(tested))).round().astype(int))
    tested = tested.iloc[picked].reset_index(drop=True)
    pixels = reread(session, run, tested, f"The artefact cannot be checked against run '{run.id}'")
    predictions = read_predictions(run.sealed(names.PREDICTIONS), tuple(each.name for each in run.plan.classes))
    if predictions.probabilities is None:
        raise DermError(
            f"'{run / names.PREDICTIONS}' has no probabilities: train again with 'derm train --repeat {run.id}'."
        )
    places = {case: place for place, case in enumerate(predictions.case_ids)}
    rows = [places[case] for case in tested["case_id"]]
    return Reference(Photographs(((pixels, np.arange(len(tested))),)), predictions.probabilities[rows])


def _check(run: RunFolder, spec: ExporterSpec, path: Path, reference: Reference) -> Exported:
    predictor = spec.load(path)
    if predictor.facts.run != run.id:
        raise DermError(f"The {spec.name} artefact says that it is of run '{predictor.facts.run}', not '{run.id}'.")
    found = probabilities(predictor, reference.photographs, f"Checking {spec.name}")
    difference = np.abs(found - reference.probabilities).max()
    agreement = (found.argmax(axis=1) == reference.probabilities.argmax(axis=1)).mean()
    if difference > spec.tolerance:
        raise DermError(
            f"The {spec.name} artefact of run '{run.id}' is not written: a probability differs from the run's by "
            f"'{difference:.2g}', more than {spec.tolerance:g}. The run's model is as it was."
        )
    return Exported(
        spec.name, path, path.stat().st_size, len(reference.probabilities), float(difference), float(agreement)
    )
