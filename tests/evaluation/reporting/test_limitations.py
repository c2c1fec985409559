"""What a page says that its figures cannot tell, from the facts of one judgement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.limitations import GENERAL, limitations
from tests.support.synthetic_tables import random_table

SEVERITIES = {"C00": "benign", "C01": "malignant", "C02": "indeterminate"}
CASES = 240


def text(
    table: Predictions, training_datasets: tuple[str, ...] = ("here",), validation: Predictions | None = None
) -> str:
    return "\n".join(limitations(judge(table, SEVERITIES, validation, draws=0), table, training_datasets))


def with_columns(**columns: list[str]) -> Predictions:
    return replace(random_table(0, CASES, 3), metadata={name: np.array(each) for name, each in columns.items()})


def test_classes_with_few_cases_are_named_with_their_number() -> None:
    few = random_table(0, 60, 3)
    counts = {name: int((few.labels == name).sum()) for name in few.classes}
    named = ", ".join(f"{name} {count}" for name, count in counts.items() if count < 30)
    assert named
    assert f"Fewer than 30 cases: {named}." in text(few)
    assert "Fewer than 30 cases" not in text(random_table(0, CASES, 3))


def test_whether_patients_are_known() -> None:
    sentence = "Which photographs are of one patient is not known"
    assert sentence in text(random_table(0, CASES, 3))
    assert sentence not in text(random_table(0, CASES, 3, per_patient=2))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "No skin type is known"),
        ({"fitzpatrick": [""] * CASES}, "No skin type is known"),
        (
            {"fitzpatrick": ["2"] * 100 + [""] * 140},
            "known of 100 of 240 photographs, and none of them is of Fitzpatrick type V or VI: nothing here",
        ),
        (
            {"fitzpatrick": ["2"] * 100 + ["5"] + ["6"] * 9 + [""] * 130},
            "of 110 of 240 photographs, and 10 of them are",
        ),
        ({"fitzpatrick": [""] * 239 + ["VI"]}, "of 1 of 240 photographs, and 1 of them is"),
        ({"fitzpatrick": [""] * 200 + ["1"] * 40, "skin_tone": ["5-6"] * 200 + [""] * 40}, "200 of them are of"),
    ],
)
def test_what_is_known_of_dark_skin(columns: dict[str, list[str]], said: str) -> None:
    limitations_text = text(with_columns(**columns))
    assert said in limitations_text
    assert ("nothing here tells how the classifier does on dark skin" in limitations_text) == (
        "200 of them" not in said
    )


def test_what_else_is_not_known_of_those_in_the_photographs() -> None:
    assert "Not known of these photographs: age, sex, body site." in text(with_columns(sex=[""] * CASES))
    assert "Not known of these photographs: age, body site." in text(with_columns(sex=["male"] + [""] * (CASES - 1)))
    assert "Not known" not in text(with_columns(sex=["male"] * CASES, age=["40"] * CASES, site=["hand"] * CASES))


def test_where_photographs_are_from() -> None:
    here = with_columns(dataset=["here"] * CASES)
    assert "Tested on here alone, of which other photographs were trained on" in text(here, ("there", "here"))
    assert "Tested on" not in text(here, ("there",))
    assert "Nothing is known here of how these predictions were made" in text(here, ())


def test_on_how_many_thresholds_were_chosen() -> None:
    assert "chosen on 90 photographs" in text(random_table(0, CASES, 3), validation=random_table(1, 90, 3))
    assert "chosen on" not in text(random_table(0, CASES, 3))


def test_how_many_are_malignant_here() -> None:
    table = random_table(0, CASES, 3)
    malignant, benign = int((table.labels == "C01").sum()), int((table.labels == "C00").sum())
    assert (
        f"{malignant} of {malignant + benign} cases that are benign or malignant are malignant here "
        f"({100 * malignant / (malignant + benign):.0f} %)" in text(table)
    )
    without = "\n".join(limitations(judge(table, {}, draws=0), table, ()))
    assert "PPV and NPV do not carry over" in without


def test_what_is_always_so_stands_there_last() -> None:
    assert text(random_table(0, CASES, 3)).endswith("\n".join(GENERAL))
