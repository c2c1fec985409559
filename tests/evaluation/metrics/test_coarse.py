import numpy as np

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.coarse import CoarseMeasure
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small

COARSE = {"A": "Benign:x", "B": "Benign:x", "C": "Malignant:y"}


def test_classes_of_one_place_are_one() -> None:
    measure = CoarseMeasure(small("AABC", "BACC", "ABC"), COARSE)
    result = measure.result({}, "bootstrap")
    assert result.members == {"Benign:x": ("A", "B"), "Malignant:y": ("C",)}
    # An A that was called a B is right; the B that was called a C is not.
    assert result.evaluation.counts.tolist() == [[2, 1], [0, 1]]
    assert result.evaluation.per_class["Benign:x"].sensitivity == 2 / 3
    assert result.to_json()["members"] == {"Benign:x": ["A", "B"], "Malignant:y": ["C"]}


def test_its_intervals_are_those_of_the_groups_alone() -> None:
    test = random_table(0, 200, 4, per_patient=2)
    coarse = {"C00": "x", "C01": "x"}
    evaluation = measure_one(CoarseMeasure(test, coarse), test, 40).evaluation

    def named(names: np.ndarray) -> np.ndarray:
        return np.array([coarse.get(name, name) for name in names.tolist()])

    merged = Predictions(
        ("x", "C02", "C03"), test.case_ids, named(test.labels), named(test.predictions), None, test.metadata
    )
    assert evaluation.to_json() == evaluation_of(merged, 40).to_json()


def test_where_no_two_fall_together_there_is_nothing_to_tell() -> None:
    test = small("ABC", "ABC", "ABC")
    apart = {"A": "x", "B": "y", "C": "z"}
    assert CoarseMeasure.of(EvaluationInput(test, coarse_diagnoses=apart)) is None
    assert judge(test, {}, draws=0).coarse is None
    assert judge(test, {}, draws=0, coarse_diagnoses=COARSE).coarse is not None
