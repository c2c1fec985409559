import numpy as np

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.classification import evaluate
from derm_cli.evaluation.metrics.coarse import CoarseTable
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import Resampling
from tests.support.synthetic_tables import random_table, small

GROUPS = {"A": "Benign:x", "B": "Benign:x", "C": "Malignant:y"}


def test_classes_of_one_place_are_one() -> None:
    table = CoarseTable(small("AABC", "BACC", "ABC"), GROUPS)
    found = table.coarse({}, "bootstrap")
    assert found.members == {"Benign:x": ("A", "B"), "Malignant:y": ("C",)}
    # An A that was called a B is right; the B that was called a C is not.
    assert found.evaluation.counts.tolist() == [[2, 1], [0, 1]]
    assert found.evaluation.per_class["Benign:x"].sensitivity == 2 / 3
    assert found.to_json()["members"] == {"Benign:x": ["A", "B"], "Malignant:y": ["C"]}


def test_its_intervals_are_those_of_the_groups_alone() -> None:
    test = random_table(0, 200, 4, per_patient=2)
    groups = {"C00": "x", "C01": "x"}
    table, resampling = CoarseTable(test, groups), Resampling(test.groups, 40)
    found = table.coarse(resampling.map(table.figures), resampling.method).evaluation

    def named(names: np.ndarray) -> np.ndarray:
        return np.array([groups.get(name, name) for name in names.tolist()])

    merged = Predictions(
        ("x", "C02", "C03"), test.case_ids, named(test.labels), named(test.predictions), None, test.about
    )
    assert found.to_json() == evaluate(merged, 40).to_json()


def test_where_no_two_fall_together_there_is_nothing_to_tell() -> None:
    test = small("ABC", "ABC", "ABC")
    assert not CoarseTable(test, {"A": "x", "B": "y", "C": "z"}).merges
    assert judge(test, {}, draws=0).coarse is None
    assert judge(test, {}, draws=0, groups=GROUPS).coarse is not None
