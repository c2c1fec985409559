"""All that a predictions table says of a classifier, every interval from the same draws of its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.calibration import Calibration, calibration_of
from derm_cli.evaluation.metrics.conformal import (
    Abstention,
    ConformalSets,
    abstention_curve,
    conformal_sets,
    conformal_threshold,
)
from derm_cli.evaluation.metrics.figures import ClassTable, Evaluation
from derm_cli.evaluation.metrics.slicing import Slice, SliceTable
from derm_cli.evaluation.metrics.triage import Severities, Triage, TriageTable
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import DRAWS, Resampling


@dataclass(frozen=True)
class Judgement:
    """What is known of a classifier.  ``None`` is what the table cannot tell; ``notes`` say why."""

    evaluation: Evaluation
    triage: Triage | None
    calibration: Calibration | None
    conformal: ConformalSets | None
    abstention: tuple[Abstention, ...]
    slices: tuple[Slice, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values: those of the evaluation, and the others by their names."""
        return {
            **self.evaluation.to_json(),
            "triage": self.triage and self.triage.to_json(),
            "calibration": self.calibration and self.calibration.to_json(),
            "conformal": self.conformal and self.conformal.to_json(),
            "abstention": [vars(each) for each in self.abstention],
            "slices": [each.to_json() for each in self.slices],
            "notes": list(self.notes),
        }


def judge(
    test: Predictions,
    severities: Severities,
    validation: Predictions | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Judgement:
    """Judge the cases of ``test``; thresholds are chosen on ``validation`` alone.

    ``severities`` gives that of each class (:func:`derm_cli.taxonomy.class_severity`).
    """
    of_classes, slices = ClassTable(test), SliceTable(test)
    triage = TriageTable(test, severities, validation) if any(severities.get(name) for name in test.classes) else None
    drawing = [of_classes.figures, slices.figures, *([triage.figures] if triage else [])]
    resampling = Resampling(test.groups, draws, seed)
    drawn = resampling.map(lambda weights: {key: one for each in drawing for key, one in each(weights).items()})
    evaluation = of_classes.evaluation(drawn, resampling.method)
    notes = list(evaluation.notes)
    found, chosen = _whole(test), _whole(validation)
    truth = test.places(test.labels)
    sets = None
    if found is not None and validation is not None and chosen is not None:
        threshold, chosen_on = conformal_threshold(chosen, validation.places(validation.labels)), len(chosen)
        sets = conformal_sets(found, truth, test.classes, threshold=threshold, chosen_on=chosen_on)
    elif found is not None:
        notes.append("There is no validation part: no threshold can be chosen, nor a prediction set be promised.")
    return Judgement(
        evaluation,
        triage.triage(drawn, resampling.method) if triage else None,
        None if found is None else calibration_of(found, truth),
        sets,
        () if found is None else abstention_curve(found, truth),
        slices.slices(drawn, resampling.method),
        tuple(notes),
    )


def _whole(predictions: Predictions | None) -> npt.NDArray[np.float64] | None:
    """Return the probabilities, if there are some of every class."""
    found = None if predictions is None else predictions.probabilities
    return None if found is None or np.isnan(found).any() else found
