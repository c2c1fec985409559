"""A table of predictions from records, and what its classes mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.data.samples import Samples
from derm_cli.plugin import LesionClass
from derm_cli.workflows.evaluating.run_evaluation import (
    JudgementOptions,
    judge_predictions,
    predictions_of_samples,
)
from tests.support.synthetic_tables import random_table

CLASSES = (
    LesionClass(name="C00", title="nevus", diagnoses=("Benign:Benign melanocytic proliferations:Nevus",)),
    LesionClass(name="C01", title="lentigo", diagnoses=("Benign:Benign melanocytic proliferations:Lentigo",)),
    LesionClass(name="C02", title="melanoma", diagnoses=("Malignant:Malignant melanocytic proliferations",)),
)


def test_a_table_has_what_the_records_tell() -> None:
    cases = pd.DataFrame(
        {
            "case_id": [7, 8],
            "group": ["a1", "b2"],
            "patient": ["Mrs Secret", "Mr Secret"],
            "age": [40.0, np.nan],
            "fitzpatrick": [2.0, np.nan],
            "sex": ["female", None],
            "diagnosis": ["Benign", ""],
            "focus": [12.5, 80.0],
        }
    )
    probabilities = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]], dtype=np.float32)
    samples = Samples(Photographs(()), np.array([2, 0], dtype=np.int32), cases)
    table = predictions_of_samples(CLASSES, samples, probabilities)
    assert table.case_ids == ("7", "8")
    assert table.labels.tolist() == ["C02", "C00"]
    assert table.predictions.tolist() == ["C01", "C00"]
    assert {name: each.tolist() for name, each in table.metadata.items()} == {
        "patient": ["a1", "b2"],
        "diagnosis": ["Benign", ""],
        "sex": ["female", ""],
        "age": ["40", ""],
        "fitzpatrick": ["2", ""],
        "focus": ["12.5", "80"],
    }
    assert table.probabilities is not None
    np.testing.assert_array_equal(table.probabilities, probabilities.astype(np.float64))


def test_lesions_are_told_by_numbers_alone_and_judged_by() -> None:
    named = {"patient": ["Mrs Secret"] * 3 + ["Mr Secret"], "lesion": ["Left", "Left", "Right", None]}
    cases = pd.DataFrame({"case_id": range(4), "group": ["a1"] * 3 + ["b2"], **named})
    probabilities = np.full((4, 3), 1 / 3, dtype=np.float32)
    samples = Samples(Photographs(()), np.zeros(4, dtype=np.int32), cases)
    table = predictions_of_samples(CLASSES, samples, probabilities)
    assert table.metadata["patient"].tolist() == ["a1", "a1", "a1", "b2"]
    assert table.metadata["lesion"].tolist() == ["1", "1", "2", ""]
    found = judge_predictions(CLASSES, table, None, JudgementOptions(0)).repeated_photographs
    assert [(each.unit, each.units) for each in found] == [("patient", 2), ("lesion", 3)]


@pytest.mark.parametrize(
    ("patients", "lesions", "column"),
    [
        (["p", "q"], ["l", "m"], "patient"),
        ([None, ""], ["l", "m"], "lesion"),
        (["p", None], ["l", ""], "photograph_group"),
        (["p", None], ["l", "m"], "photograph_group"),
        (None, None, "photograph_group"),
    ],
)
def test_groups_are_called_patients_only_where_every_case_has_one(patients, lesions, column) -> None:
    named = {name: values for name, values in {"patient": patients, "lesion": lesions}.items() if values is not None}
    cases = pd.DataFrame({"case_id": [7, 8], "group": ["a1", "b2"], **named})
    samples = Samples(Photographs(()), np.array([2, 0], dtype=np.int32), cases)
    table = predictions_of_samples(CLASSES, samples, np.full((2, 3), 1 / 3, dtype=np.float32))
    assert {name: each.tolist() for name, each in table.metadata.items()} == {column: ["a1", "b2"]}


def test_it_is_judged_by_what_its_classes_mean() -> None:
    test, validation = random_table(0, 200, 3), random_table(1, 200, 3)
    judgement = judge_predictions(CLASSES, test, validation, JudgementOptions(0, (0.5, 0.9)))
    assert judgement.triage is not None
    assert judgement.triage.counts.sum(axis=1).tolist() == [
        int(np.isin(test.labels, ["C00", "C01"]).sum()),
        0,
        int((test.labels == "C02").sum()),
    ]
    assert [each.target for each in judgement.referral] == [0.5, 0.9, None]
    assert judgement.coarse is not None
    assert judgement.coarse.members == {
        "Benign:Benign melanocytic proliferations": ("C00", "C01"),
        "Malignant:Malignant melanocytic proliferations": ("C02",),
    }
    nothing = judge_predictions((), test, validation, JudgementOptions(0))
    assert (nothing.triage, nothing.referral, nothing.coarse) == (None, (), None)
