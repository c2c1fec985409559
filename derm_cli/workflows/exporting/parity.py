"""Parity: whether an artefact predicts what its run predicted, on test photographs read from their files again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.photographs import Photographs
from derm_cli.errors import DermError
from derm_cli.evaluation.grouping import LOOKS
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.plugin import ArtefactFacts, ExporterSpec, ExporterVariant, Predictor, proves_nothing
from derm_cli.plugin.registry import Registry
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.answers import answers_of_run, predictions_without_answers
from derm_cli.workflows.exporting.gate import RecallChange, gate_faults, recall_changes, worst_photographs
from derm_cli.workflows.predicting.predict import load_predictor, predictor_probabilities
from derm_cli.workflows.predicting.run_photographs import cases_to_check, read_photographs_of_cases
from derm_cli.workflows.predicting.views import with_views
from derm_cli.workflows.session import Session

MOST_CHECKED = 256
"""The most test photographs on which an artefact is checked against the run."""
MOST_JUDGED = 2048
"""The most on which one is judged that may change answers, class by class."""


@dataclass(frozen=True)
class ReferencePredictions:
    """Test photographs, and the probabilities that the run gave for them, float64 (n, classes).

    ``table`` has their names and labels, in the same order.  Where the run's model takes answers, they are given with
    ``answers``, float32 (n, k), and ``without`` are the probabilities without them.
    """

    photographs: Photographs
    probabilities: npt.NDArray[np.float64]
    answers: npt.NDArray[np.float32] | None = None
    without: npt.NDArray[np.float64] | None = None
    table: Predictions | None = None


@dataclass(frozen=True)
class Parity:
    """How near an artefact is to its run.

    ``max_difference`` is the largest difference of a probability, ``agreement`` the share, 0 to 1, of photographs with
    the same most probable class, both on ``photographs`` test photographs.  ``recall`` tells of each class, where the
    artefact is a variant that is judged by it.
    """

    photographs: int
    max_difference: float
    agreement: float
    recall: tuple[RecallChange, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values, ``recall`` where there is any."""
        values = {name: value for name, value in vars(self).items() if name != "recall"}
        return values | ({"recall": [each.to_json() for each in self.recall]} if self.recall else {})


def reference_predictions(session: Session, run: RunFolder, most: int = MOST_CHECKED) -> ReferencePredictions:
    """Read the run's test photographs from their files again, ``most`` of them, evenly picked where there are more.

    Of a run that kept nobody for a test they are others of its own, and its model is asked about them.  Raises
    DermError where one is gone or changed, and where the run stored no probabilities.
    """
    cases = cases_to_check(run)
    picked = np.unique(np.linspace(0, len(cases) - 1, min(most, len(cases))).round().astype(int))
    cases = cases.iloc[picked].reset_index(drop=True)
    pixels = read_photographs_of_cases(session, run, cases, f"The artefact cannot be checked against run '{run.id}'")
    photographs = Photographs(((pixels, np.arange(len(cases))),))
    if not run.plan.keeps_test_part:
        return _of_the_model(load_predictor(session, str(run.path)), photographs, cases)
    predictions = read_predictions(run.sealed(layout.PREDICTIONS), tuple(each.name for each in run.plan.classes))
    if predictions.probabilities is None:
        raise DermError(
            f"'{run / layout.PREDICTIONS}' has no probabilities: train again with 'derm train --repeat {run.argument}'."
        )
    row_of = {case: row for row, case in enumerate(predictions.case_ids)}
    rows = [row_of[case] for case in cases["case_id"]]
    table = _rows_of(predictions, rows)
    without = predictions_without_answers(run)
    if without is None or without.probabilities is None:
        return ReferencePredictions(photographs, predictions.probabilities[rows], table=table)
    encoding = load_predictor(session, str(run.path)).facts.answers
    assert encoding is not None
    answers = answers_of_run(run, encoding, cases["case_id"].tolist())
    # Both tables have the same cases in the same order: one training wrote them.
    both, alone = predictions.probabilities[rows], without.probabilities[rows]
    return ReferencePredictions(photographs, both, answers, alone, table)


def _rows_of(table: Predictions, rows: list[int]) -> Predictions:
    return Predictions(
        table.classes,
        tuple(table.case_ids[row] for row in rows),
        table.labels[rows],
        table.predictions[rows],
        None if table.probabilities is None else table.probabilities[rows],
        {name: values[rows] for name, values in table.metadata.items()},
    )


def _of_the_model(model: Predictor, photographs: Photographs, cases: pd.DataFrame) -> ReferencePredictions:
    """Ask the run's own model about ``cases``, where it takes answers also with some that nobody gave."""
    label, encoding = f"Predicting by run {model.facts.run}", model.facts.answers
    without = predictor_probabilities(model, photographs, label).astype(np.float64)
    if encoding is None:
        return ReferencePredictions(photographs, without, table=_table_of(model, cases, without))
    answers = np.random.default_rng(0).normal(size=(len(photographs), encoding.width)).astype(np.float32)
    both = predictor_probabilities(model, photographs, label, answers).astype(np.float64)
    return ReferencePredictions(photographs, both, answers, without, _table_of(model, cases, both))


def _table_of(model: Predictor, cases: pd.DataFrame, probabilities: npt.NDArray[np.float64]) -> Predictions:
    """Return answers about rows of split.csv as a predictions table, in which their groups are kept together."""
    names = tuple(each.name for each in model.facts.classes)
    ids, labels = cases["case_id"].astype(str), cases["label"].astype(str).to_numpy(dtype=str)
    groups = {LOOKS: cases["group"].fillna("").astype(str).to_numpy(dtype=str)} if "group" in cases else {}
    answers = np.array(names)[probabilities.argmax(axis=1)]
    return Predictions(names, tuple(ids), labels, answers, probabilities, groups)


@dataclass(frozen=True)
class Judged:
    """What an artefact gave for test photographs, how near that is to its run, and what of it is not accepted.

    ``probabilities`` are its own, float64 (n, classes); ``faults`` are parts of a sentence, none where it passed.
    """

    probabilities: npt.NDArray[np.float64]
    parity: Parity
    faults: tuple[str, ...]


def check_parity(  # noqa: PLR0917
    registry: Registry,
    facts: ArtefactFacts,
    exporter: ExporterSpec,
    path: Path,
    reference: ReferencePredictions,
    variant: ExporterVariant | None = None,
) -> Parity:
    """Predict the photographs of ``reference`` with the artefact in ``path``, and return how near it is to the run.

    ``facts`` are those of the run's own model.  Raises DermError where the artefact has others, or where it answers
    otherwise than the exporter, or its ``variant``, tolerates: with the class that lost, and the worst photographs.
    """
    name = exporter.name if variant is None else f"{exporter.name} {variant.name}"
    predictor = with_views(exporter.load(path), registry)
    if predictor.facts.to_json() != facts.to_json():
        raise DermError(
            f"The {name} artefact of run '{facts.run}' is not written: its facts are not those of the run's "
            "model. Report it to who made the exporter."
        )
    judged = judge(predictor, reference, exporter, variant)
    if judged.faults:
        worst = ""
        if reference.table is not None:
            changed = worst_photographs(reference.table, reference.probabilities, judged.probabilities)
            worst = f" Worst: {changed}."
        raise DermError(
            f"The {name} artefact of run '{facts.run}' is not written: {'; '.join(judged.faults)}. The run's model is "
            f"as it was.{worst}"
        )
    return judged.parity


def judge(
    predictor: Predictor,
    reference: ReferencePredictions,
    exporter: ExporterSpec,
    variant: ExporterVariant | None = None,
) -> Judged:
    """Ask an artefact about the photographs of ``reference``, with its views, and judge it by the gate of its format.

    That of a ``variant`` is the variant's own.
    """
    label = f"Checking {exporter.name}" if variant is None else f"Checking {exporter.name} {variant.name}"
    predicted = predictor_probabilities(predictor, reference.photographs, label, reference.answers).astype(np.float64)
    difference = np.abs(predicted - reference.probabilities).max()
    if reference.without is not None:
        alone = predictor_probabilities(predictor, reference.photographs, label)
        difference = max(difference, np.abs(alone - reference.without).max())
    agreement = float((predicted.argmax(axis=1) == reference.probabilities.argmax(axis=1)).mean())
    tolerance = exporter.tolerance if variant is None else variant.tolerance
    faults = []
    # Of one photograph nothing can be told; the table that is printed says how many there were.
    if len(reference.probabilities) > 1 and (nothing := proves_nothing(reference.probabilities, tolerance)):
        faults.append(nothing)
    if tolerance is not None and difference > tolerance:
        faults.append(f"a probability differs from the run's by '{difference:.2g}', more than {tolerance:g}")
    recall: tuple[RecallChange, ...] = ()
    if variant is not None and reference.table is not None:
        if variant.recall_loss is not None:
            recall = recall_changes(reference.table, predicted, variant.recall_loss)
        faults += gate_faults(variant, agreement, recall)
    parity = Parity(len(reference.probabilities), float(difference), agreement, recall)
    return Judged(predicted, parity, tuple(faults))
