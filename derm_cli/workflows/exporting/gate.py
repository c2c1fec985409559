"""The gate of a variant: whether a file with fewer bits still recognises, on test photographs, what its run does."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from derm_cli.evaluation.array_types import Floats
from derm_cli.evaluation.metrics.paired import paired_comparison
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin import ExporterVariant

MOST_LISTED = 5
"""The most photographs that an error lists."""


@dataclass(frozen=True)
class RecallChange:
    """How a class's recall (sensitivity) changed on ``cases`` test photographs, 0..1, from the run to the artefact.

    ``accepted`` is by how much it may fall.  ``low`` and ``high`` are the ends of the paired 95 % interval of the
    difference, None where the patients are too few to tell.
    """

    name: str
    cases: int
    before: float
    after: float
    accepted: float
    low: float | None
    high: float | None

    @property
    def lost(self) -> int:
        """By how many photographs fewer the class is recognised, negative for more."""
        return round((self.before - self.after) * self.cases)

    @property
    def is_accepted(self) -> bool:
        """Whether the recall fell by the accepted share at most: of a class with few photographs by none."""
        return self.lost <= self.accepted * self.cases

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON values."""
        return asdict(self)


def recall_changes(reference: Predictions, probabilities: Floats, accepted: float) -> tuple[RecallChange, ...]:
    """Return the change of each class that has photographs, where ``probabilities`` (n, classes) are new answers.

    ``accepted`` is by how much a recall may fall, 0..1.
    """
    comparison = paired_comparison(reference, _answered(reference, probabilities), ("run", "artefact"))
    changes = []
    for name, differences in comparison.per_class.items():
        each = next(each for each in differences if each.name == "sensitivity")
        if each.first is None or each.second is None:
            continue
        low, high = (each.interval.low, each.interval.high) if each.interval else (None, None)
        cases = int((reference.labels == name).sum())
        changes.append(RecallChange(name, cases, each.first, each.second, accepted, low, high))
    return tuple(changes)


def gate_faults(variant: ExporterVariant, agreement: float, changes: tuple[RecallChange, ...]) -> list[str]:
    """Return what of ``agreement`` and recall the variant does not accept, as parts of a sentence."""
    faults = []
    if variant.agreement is not None and agreement < variant.agreement:
        faults.append(
            f"it gives the run's answer for '{agreement:.1%}', fewer than {variant.agreement:.0%}{_lost(changes)}"
        )
    for each in changes:
        if not each.is_accepted:
            faults.append(
                f"it recognises class '{each.name}' in {each.after:.1%} of its {each.cases} photographs in place of "
                f"{each.before:.1%}{_interval(each)}, more than {each.accepted:.0%} of them"
            )
    return faults


def worst_photographs(reference: Predictions, before: Floats, after: Floats) -> str:
    """Return those whose answer changed most, as text: of other answers first, then of the largest differences."""
    difference = np.abs(after - before).max(axis=1)
    changed = before.argmax(axis=1) != after.argmax(axis=1)
    worst = np.lexsort((-difference, ~changed))[:MOST_LISTED]
    answered = _answered(reference, after).predictions
    return ", ".join(
        f"'{reference.case_ids[row]}' ({reference.labels[row]}: '{reference.predictions[row]}' became "
        f"'{answered[row]}', by {difference[row]:.2f})"
        for row in worst
    )


def _answered(reference: Predictions, probabilities: Floats) -> Predictions:
    answers = np.array(reference.classes, dtype=reference.predictions.dtype)[probabilities.argmax(axis=1)]
    return replace(reference, predictions=answers, probabilities=probabilities)


def _lost(changes: tuple[RecallChange, ...]) -> str:
    """Return which of the accepted classes lost something, as a clause; the others are told of by themselves."""
    lost = [f"'{each.name}' in {each.lost} of {each.cases}" for each in changes if each.lost > 0 and each.is_accepted]
    return f" (it no longer recognises {', '.join(lost)})" if lost else ""


def _interval(change: RecallChange) -> str:
    if change.low is None or change.high is None:
        return ""
    return f" (difference {change.low:+.1%} to {change.high:+.1%})"
