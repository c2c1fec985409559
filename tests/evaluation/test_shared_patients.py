"""Patients of several tables: one that knows of them is enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.evaluation.shared_patients import with_shared_patients
from tests.support.synthetic_tables import small


def table(patients: str | None, cases: str = "abcdef"):
    found = small("AABBAB", "AABBAB", "AB", **({} if patients is None else {"patient": patients}))
    return replace(found, case_ids=tuple(cases))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # A dot is an unknown patient.
        ("xxyyzz", None, [0, 0, 1, 1, 2, 2]),
        (None, "xxyyzz", [0, 0, 1, 1, 2, 2]),
        ("xx....", "..yy..", [0, 0, 1, 1, 2, 3]),
        # One says that a and b are one patient, the other that b and c are: so all three are.
        ("xx....", ".yy...", [0, 0, 0, 1, 2, 3]),
        # Names of two tables need not mean the same.
        ("1122..", "3311..", [0, 0, 1, 1, 2, 3]),
        ("......", None, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_cases_are_of_one_patient_wherever_a_table_says_so(first, second, expected) -> None:
    found = with_shared_patients({"one": table(first), "two": table(second)})
    for each in found.values():
        assert each.patients.tolist() == expected


def test_in_whatever_order_the_cases_stand() -> None:
    turned = table(None, "fedcba")
    found = with_shared_patients({"one": table("xxyyzz"), "two": turned})["two"]
    assert found.patients.tolist() == [0, 0, 1, 1, 2, 2]
    assert found.case_ids == turned.case_ids
    assert np.array_equal(found.labels, turned.labels)


def test_without_patients_nothing_changes() -> None:
    tables = {"one": table(None), "two": table(None)}
    assert with_shared_patients(tables) == tables
