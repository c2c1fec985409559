"""All that a predictions table says of a classifier, every interval from the same draws of its cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation import REFER_AT
from derm_cli.evaluation.metrics.calibration import Calibration, CalibrationTable
from derm_cli.evaluation.metrics.classification import ClassTable, Evaluation
from derm_cli.evaluation.metrics.coarse import Coarse, CoarseTable
from derm_cli.evaluation.metrics.conformal import (
    Abstention,
    ConformalSets,
    ConformalTable,
    abstention_curve,
    conformal_threshold,
)
from derm_cli.evaluation.metrics.referral import ReferralLevel, ReferralTable
from derm_cli.evaluation.metrics.severity import Severities
from derm_cli.evaluation.metrics.slicing import Slice, SliceTable
from derm_cli.evaluation.metrics.triage import Triage, TriageTable
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import DRAWS, Resampling


@dataclass(frozen=True)
class Judgement:
    """What is known of a classifier.  ``None`` is what the table cannot tell; ``notes`` say why.

    ``coarse`` is None too where no two classes share a coarse diagnosis; ``referral`` is empty without a validation
    part to choose by.
    """

    evaluation: Evaluation
    coarse: Coarse | None
    triage: Triage | None
    referral: tuple[ReferralLevel, ...]
    calibration: Calibration | None
    conformal: ConformalSets | None
    abstention: tuple[Abstention, ...]
    slices: tuple[Slice, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values: those of the evaluation, and the others by their names."""
        return {
            **self.evaluation.to_json(),
            "coarse": self.coarse and self.coarse.to_json(),
            "triage": self.triage and self.triage.to_json(),
            "referral": [each.to_json() for each in self.referral],
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
    *,
    groups: Mapping[str, str] | None = None,
    refer_at: tuple[float, float] = REFER_AT,
) -> Judgement:
    """Judge the cases of ``test``; thresholds are chosen on ``validation`` alone.

    ``severities`` gives that of each class (:func:`derm_cli.taxonomy.class_severity`), ``groups`` its coarse diagnosis
    (:func:`derm_cli.taxonomy.coarse_diagnosis`).  ``refer_at`` are the sensitivities, in 0..1, for which it is chosen
    who is referred now, and who soon.
    """
    found, chosen = _whole(test), _whole(validation)
    truth = test.places(test.labels)
    of_classes, of_slices = ClassTable(test), SliceTable(test, severities)
    coarse = CoarseTable(test, groups or {})
    of_groups = coarse if coarse.merges else None
    of_triage = of_referral = None
    if any(severities.get(name) for name in test.classes):
        of_triage = TriageTable(test, severities, validation)
        of_referral = ReferralTable.of(test, severities, validation, refer_at)
    of_probabilities = None if found is None else CalibrationTable(found, truth)
    of_sets = None
    if found is not None and validation is not None and chosen is not None:
        threshold, chosen_on = conformal_threshold(chosen, validation.places(validation.labels)), len(chosen)
        of_sets = ConformalTable(found, truth, test.classes, threshold=threshold, chosen_on=chosen_on)
    tables = (
        of_classes,
        of_slices,
        of_groups,
        of_triage,
        of_referral,
        of_probabilities,
        of_sets,
    )
    resampling = Resampling(test.groups, draws, seed)
    drawn = resampling.map(
        lambda weights: {key: one for each in tables if each is not None for key, one in each.figures(weights).items()}
    )
    method = resampling.method
    evaluation = of_classes.evaluation(drawn, method)
    notes = list(evaluation.notes)
    if of_sets is not None and of_triage is not None and of_referral is None:
        notes.append("No malignant photograph is in the validation part: no threshold can be chosen to find one.")
    elif of_sets is None and found is not None:
        notes.append("There is no validation part: no threshold can be chosen, nor a prediction set be promised.")
    return Judgement(
        evaluation,
        of_groups.coarse(drawn, method) if of_groups else None,
        of_triage.triage(drawn, method) if of_triage else None,
        of_referral.levels(drawn, method) if of_referral else (),
        of_probabilities.calibration(drawn, method) if of_probabilities else None,
        of_sets.sets(drawn, method) if of_sets else None,
        () if found is None else abstention_curve(found, truth),
        of_slices.slices(drawn, method),
        tuple(notes),
    )


def _whole(predictions: Predictions | None) -> npt.NDArray[np.float64] | None:
    """Return the probabilities, if there are some of every class."""
    found = None if predictions is None else predictions.probabilities
    return None if found is None or np.isnan(found).any() else found
