"""The baselines know what a recipe with answers knows, and no more."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from benchmarks.recipes.patient_answers import answer_numbers
from derm_cli.errors import DermError
from tests.support.trees import make_pad


@pytest.fixture
def root(tmp_path):
    """PAD-UFES-20 in which everybody tells an age of 40 or 60, and whether it itches but for the last."""
    root = make_pad(tmp_path / "pad-ufes-20", per_class=4, size=40)
    table = root / "metadata.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row |= {"age": str(40 + 20 * (number % 2)), "itch": ("True", "False")[number % 2], "biopsed": row["diagnostic"]}
    rows[-1]["itch"] = "UNK"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return root


def cases_of(root):
    with (root / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return [row["img_id"].removesuffix(".png") for row in csv.DictReader(file)]


def test_answers_are_encoded_by_the_training_part_and_unknown_ones_are_zero(root):
    cases = cases_of(root)
    training = np.arange(len(cases)) < 12
    numbers = answer_numbers(root, "pad-ufes-20", cases, training)
    ages = np.where(np.arange(len(cases)) % 2, 1.0, -1.0)
    age = next(column for column in numbers.T if np.allclose(column, ages, atol=1e-6))
    assert set(age.tolist()) == {-1.0, 1.0}
    itching = [column for column in numbers.T if column[-1] == 0 and (column[:-1] != 0).all()]
    assert len(itching) == 1, "of the last nobody knows whether it itches"
    reversed_numbers = answer_numbers(root, "pad-ufes-20", cases[::-1], training[::-1])
    assert np.array_equal(reversed_numbers[::-1], numbers)


def test_a_case_that_is_not_there_is_refused(root):
    with pytest.raises(DermError, match="has no case 'nobody'"):
        answer_numbers(root, "pad-ufes-20", ["nobody"], np.array([True]))
