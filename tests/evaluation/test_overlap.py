"""A validation table that has cases of the test table is refused, or told of, by whatever that can be known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from derm_cli.errors import RequestError
from derm_cli.evaluation.overlap import has_same_answers, overlap_notes
from tests.support import synthetic_tables

TEST, VALIDATION = Path("test.csv"), Path("validation.csv")


def table(seed: int, prefix: str, cases: int = 60, **changes):
    """Return a table whose cases are named by ``prefix`` and a number."""
    random = synthetic_tables.random_table(seed, cases, 3)
    return replace(random, case_ids=tuple(f"{prefix}{row}" for row in range(cases)), **changes)


def patients(*names: str, cases: int = 60):
    return {"patient": np.array([names[row % len(names)] for row in range(cases)])}


def reversed_cases(predictions):
    rows = slice(None, None, -1)
    return replace(
        predictions,
        case_ids=predictions.case_ids[rows],
        labels=predictions.labels[rows],
        predictions=predictions.predictions[rows],
        probabilities=None if predictions.probabilities is None else predictions.probabilities[rows],
    )


@pytest.mark.parametrize(
    ("test", "validation", "reason"),
    [
        (table(0, "a"), table(0, "a"), "Case 'a0' is in 'test.csv' and in --validation 'validation.csv', as are 60"),
        (table(0, "a"), table(1, "a"), "Case 'a0' is in"),
        (table(0, "a"), replace(table(1, "b"), case_ids=("a7", *table(1, "b").case_ids[1:])), "as are 1 of 60"),
        (table(0, ""), table(0, ""), "Case '0' is in"),
        # The same as they look.
        (table(0, "a"), replace(table(1, "b"), case_ids=("a7 ", *table(1, "b").case_ids[1:])), "as are 1 of 60"),
        (table(0, "a"), replace(table(1, "b"), case_ids=("a7.0", "\u200ba8", *table(1, "b").case_ids[2:])), "as are 1"),
        (table(0, "a"), table(0, "b"), "the same labels and predictions under other case ids"),
        (table(0, "a"), reversed_cases(table(0, "b")), "the same labels and predictions under other case ids"),
        (table(0, "a", probabilities=None), table(0, "b", probabilities=None), "under other case ids"),
    ],
)
def test_shared_cases_are_refused(test, validation, reason):
    with pytest.raises(RequestError) as error:
        overlap_notes(test, validation, TEST, VALIDATION)
    assert reason in str(error.value)
    assert "give a validation table of other cases" in str(error.value)


@pytest.mark.parametrize(
    ("test", "validation", "notes"),
    [
        (table(0, "a"), table(1, "b"), []),
        (table(0, "a", probabilities=None), table(1, "b", probabilities=None), []),
        (table(0, "a", 3, probabilities=None), table(0, "b", 3, probabilities=None), []),
        (table(0, ""), table(1, ""), ["60 case ids are in both tables, with other labels"]),
        (
            table(0, "a", metadata=patients("P1", "P2", "")),
            table(1, "b", metadata=patients("P2", "P3", "")),
            ["1 of 2 patients are in the validation table too"],
        ),
        (
            table(0, "a", metadata=patients("1", "2", "")),
            table(1, "b", metadata=patients("1.0", "3.0", "")),
            ["1 of 2 patients are in the validation table too"],
        ),
        (table(0, "a", metadata=patients("")), table(1, "b", metadata=patients("")), []),
        (table(0, "a", metadata=patients("P1")), table(1, "b"), []),
    ],
)
def test_what_may_be_chance_is_told(test, validation, notes):
    told = overlap_notes(test, validation, TEST, VALIDATION)
    assert len(told) == len(notes)
    for sentence, beginning in zip(told, notes, strict=True):
        assert sentence.startswith(beginning)


def test_tables_with_the_same_answers_are_known_in_any_order():
    assert has_same_answers(table(0, "a"), reversed_cases(table(0, "a")))
    assert not has_same_answers(table(0, "a"), table(0, "b"))
    assert not has_same_answers(table(0, "a"), table(0, "a", probabilities=None))
    assert not has_same_answers(table(0, "a"), table(1, "a"))
