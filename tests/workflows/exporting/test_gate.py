"""The gate of a variant: who answers otherwise too often, or loses a class, is refused with the class named."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin import ExporterVariant
from derm_cli.workflows.exporting.gate import RecallChange, gate_faults, recall_changes, worst_photographs

CLASSES = ("a", "b")
VARIANT = ExporterVariant(name="int8", title="I", export=print, agreement=0.98, recall_loss=0.02)


def table_of(right, cases=(200, 10)):
    """Return predictions of two classes, of which the first ``right`` cases of each are recognised."""
    labels = np.repeat(CLASSES, cases)
    said = np.concatenate(
        [
            np.where(np.arange(count) < hits, name, other)
            for name, other, count, hits in zip(CLASSES, CLASSES[::-1], cases, right, strict=True)
        ]
    )
    probabilities = np.stack([np.where(said == name, 0.8, 0.2) for name in CLASSES], axis=1)
    ids = tuple(f"case-{number}" for number in range(len(labels)))
    return Predictions(CLASSES, ids, labels, said, probabilities)


def changes_of(before, after):
    return recall_changes(table_of(before), table_of(after).probabilities, 0.02)


@pytest.mark.parametrize(
    ("after", "lost", "accepted"),
    [
        ((180, 8), (0, 0), (True, True)),
        ((176, 8), (4, 0), (True, True)),
        ((175, 8), (5, 0), (False, True)),
        ((180, 7), (0, 1), (True, False)),
        ((180, 6), (0, 2), (True, False)),
        ((185, 9), (-5, -1), (True, True)),
    ],
)
def test_a_class_may_lose_two_points_and_one_with_few_photographs_none(after, lost, accepted):
    changes = changes_of((180, 8), after)
    assert tuple(each.lost for each in changes) == lost
    assert tuple(each.is_accepted for each in changes) == accepted
    assert [each.cases for each in changes] == [200, 10]
    faults = gate_faults(VARIANT, 0.99, changes)
    assert [fault.split("'")[1] for fault in faults] == [
        name for name, holds in zip(CLASSES, accepted, strict=True) if not holds
    ]


def test_the_paired_interval_is_told():
    changed, unchanged = changes_of((180, 8), (170, 8))
    assert changed.low is not None
    assert changed.low < -0.05 < changed.high < 0
    assert unchanged.low < 0 < unchanged.high, "ten photographs do not show that nothing is lost"
    (fault,) = gate_faults(VARIANT, 1.0, (changed,))
    assert fault.startswith(
        f"it recognises class 'a' in 85.0% of its 200 photographs in place of 90.0% (difference {changed.low:+.1%}"
    )
    assert fault.endswith("more than 2% of them")


def test_other_answers_are_told_of():
    assert gate_faults(VARIANT, 0.979, ()) == ["it gives the run's answer for '97.9%', fewer than 98%"]
    assert gate_faults(VARIANT, 0.98, ()) == []


@pytest.mark.parametrize(
    ("after", "told", "named"),
    [
        ((180, 8), "", ()),
        ((182, 9), "", ()),
        ((178, 8), " (it no longer recognises 'a' in 2 of 200)", ()),
        ((178, 7), " (it no longer recognises 'a' in 2 of 200)", ("b",)),
        ((170, 7), "", ("a", "b")),
    ],
)
def test_with_other_answers_the_classes_are_named_that_lost_some(after, told, named):
    first, *others = gate_faults(VARIANT, 0.95, changes_of((180, 8), after))
    assert first == f"it gives the run's answer for '95.0%', fewer than 98%{told}"
    assert tuple(fault.split("'")[1] for fault in others) == named


def test_the_worst_photographs_are_those_of_another_answer_then_of_the_largest_difference():
    reference = table_of((3, 3), (3, 3))
    after = reference.probabilities.copy()
    after[4] = (0.55, 0.45)
    after[1] = (0.9, 0.1)
    said = worst_photographs(reference, reference.probabilities, after)
    assert said.startswith("'case-4' (b: 'b' became 'a', by 0.35), 'case-1' (a: 'a' became 'a', by 0.10), ")
    assert said.count("case-") == 5


def test_a_change_is_json():
    change = RecallChange("a", 10, 0.9, 0.8, 0.02, -0.3, 0.1)
    assert change.to_json() == {
        "name": "a",
        "cases": 10,
        "before": 0.9,
        "after": 0.8,
        "accepted": 0.02,
        "low": -0.3,
        "high": 0.1,
    }
