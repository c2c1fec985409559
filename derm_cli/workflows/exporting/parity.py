"""Parity: whether an artefact predicts what its run predicted, on test photographs read from their files again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from derm_cli.data.photographs import Photographs
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import read_predictions
from derm_cli.plugin import ArtefactFacts, ExporterSpec, Predictor
from derm_cli.plugin.registry import Registry
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.answers import answers_of_run, predictions_without_answers
from derm_cli.workflows.predicting.predict import load_predictor, predictor_probabilities
from derm_cli.workflows.predicting.run_photographs import cases_to_check, read_photographs_of_cases
from derm_cli.workflows.predicting.views import with_views
from derm_cli.workflows.session import Session

MOST_CHECKED = 256
"""The most test photographs on which an artefact is checked against the run."""


@dataclass(frozen=True)
class ReferencePredictions:
    """Test photographs, and the probabilities that the run gave for them, float64 (n, classes).

    Where the run's model takes answers, they are given with ``answers``, float32 (n, k), and ``without`` are the
    probabilities without them.
    """

    photographs: Photographs
    probabilities: npt.NDArray[np.float64]
    answers: npt.NDArray[np.float32] | None = None
    without: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Parity:
    """How near an artefact is to its run.

    ``max_difference`` is the largest difference of a probability, ``agreement`` the share, 0 to 1, of photographs with
    the same most probable class, both on ``photographs`` test photographs.
    """

    photographs: int
    max_difference: float
    agreement: float


def reference_predictions(session: Session, run: RunFolder) -> ReferencePredictions:
    """Read the run's test photographs from their files again, evenly picked where there are many.

    Of a run that kept nobody for a test they are others of its own, and its model is asked about them.  Raises
    DermError where one is gone or changed, and where the run stored no probabilities.
    """
    cases = cases_to_check(run)
    picked = np.unique(np.linspace(0, len(cases) - 1, min(MOST_CHECKED, len(cases))).round().astype(int))
    cases = cases.iloc[picked].reset_index(drop=True)
    pixels = read_photographs_of_cases(session, run, cases, f"The artefact cannot be checked against run '{run.id}'")
    photographs = Photographs(((pixels, np.arange(len(cases))),))
    if not run.plan.keeps_test_part:
        return _of_the_model(load_predictor(session, str(run.path)), photographs)
    predictions = read_predictions(run.sealed(layout.PREDICTIONS), tuple(each.name for each in run.plan.classes))
    if predictions.probabilities is None:
        raise DermError(
            f"'{run / layout.PREDICTIONS}' has no probabilities: train again with 'derm train --repeat {run.argument}'."
        )
    row_of = {case: row for row, case in enumerate(predictions.case_ids)}
    rows = [row_of[case] for case in cases["case_id"]]
    without = predictions_without_answers(run)
    if without is None or without.probabilities is None:
        return ReferencePredictions(photographs, predictions.probabilities[rows])
    encoding = load_predictor(session, str(run.path)).facts.answers
    assert encoding is not None
    answers = answers_of_run(run, encoding, cases["case_id"].tolist())
    # Both tables have the same cases in the same order: one training wrote them.
    return ReferencePredictions(photographs, predictions.probabilities[rows], answers, without.probabilities[rows])


def _of_the_model(model: Predictor, photographs: Photographs) -> ReferencePredictions:
    """Ask the run's own model about photographs, where it takes answers also with some that nobody gave."""
    label, encoding = f"Predicting by run {model.facts.run}", model.facts.answers
    without = predictor_probabilities(model, photographs, label).astype(np.float64)
    if encoding is None:
        return ReferencePredictions(photographs, without)
    answers = np.random.default_rng(0).normal(size=(len(photographs), encoding.width)).astype(np.float32)
    both = predictor_probabilities(model, photographs, label, answers).astype(np.float64)
    return ReferencePredictions(photographs, both, answers, without)


def check_parity(
    registry: Registry, facts: ArtefactFacts, exporter: ExporterSpec, path: Path, reference: ReferencePredictions
) -> Parity:
    """Predict the photographs of ``reference`` with the artefact in ``path``, and return how near it is to the run.

    ``facts`` are those of the run's own model.  Raises DermError where the artefact has others, or where a probability
    differs by more than the exporter tolerates.
    """
    predictor = with_views(exporter.load(path), registry)
    if predictor.facts.to_json() != facts.to_json():
        raise DermError(
            f"The {exporter.name} artefact of run '{facts.run}' is not written: its facts are not those of the run's "
            "model. Report it to who made the exporter."
        )
    label = f"Checking {exporter.name}"
    predicted = predictor_probabilities(predictor, reference.photographs, label, reference.answers)
    difference = np.abs(predicted - reference.probabilities).max()
    if reference.without is not None:
        alone = predictor_probabilities(predictor, reference.photographs, label)
        difference = max(difference, np.abs(alone - reference.without).max())
    agreement = (predicted.argmax(axis=1) == reference.probabilities.argmax(axis=1)).mean()
    if difference > exporter.tolerance:
        raise DermError(
            f"The {exporter.name} artefact of run '{facts.run}' is not written: a probability differs from the run's "
            f"by '{difference:.2g}', more than {exporter.tolerance:g}. The run's model is as it was."
        )
    return Parity(len(reference.probabilities), float(difference), float(agreement))
