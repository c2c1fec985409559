"""Every metric of a table: its value, its variance between patients by the very slopes, and the cases it is of."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.metrics.classification import ClassificationMeasure
from derm_cli.evaluation.metrics.effective_cases import Estimate
from derm_cli.evaluation.metrics.influence import MeanInfluence
from derm_cli.evaluation.metrics.table_influences import OVERLAP, SHARES, TableInfluences
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small

TABLE = random_table(0, 150, 4, per_patient=3)
STEP = 1 / 64


@pytest.fixture(scope="module")
def slopes() -> dict[str, np.ndarray]:
    """By how much each metric changes with the weight of each patient, (patients, …)."""
    measure = ClassificationMeasure(TABLE)
    weights = 1.0 + STEP * (TABLE.patients == np.arange(TABLE.patients.max() + 1)[:, np.newaxis])
    more, less = measure.metrics(weights), measure.metrics(2 - weights)
    return {name: (more[name] - less[name]) / (2 * STEP) for name in more}


def test_variances_are_the_squares_of_the_slopes_and_values_those_of_the_table(slopes) -> None:
    table = TableInfluences(TABLE, TABLE.patients)
    means = {name: MeanInfluence(table.count) for name in ("sensitivity", "f1", "auc")}
    values = ClassificationMeasure(TABLE).metrics(np.ones((1, 150)))
    for class_index in range(4):
        found = table.class_estimates(class_index, means)
        assert found.name == TABLE.classes[class_index]
        for metric in (*SHARES, "f1", "auc", "average_precision"):
            assert found.estimates[metric].value == pytest.approx(values[metric][0, class_index]), metric
            squares = float((slopes[metric][:, class_index] ** 2).sum())
            assert found.estimates[metric].squares == pytest.approx(squares, rel=2e-3), metric
        overlap = found.estimates[OVERLAP].value
        assert 2 * overlap / (1 + overlap) == pytest.approx(found.estimates["f1"].value)
        is_class = TABLE.labels == TABLE.classes[class_index]
        assert (found.positives.cases, found.negatives.cases) == (is_class.sum(), (~is_class).sum())
        assert found.positives.groups == len(np.unique(TABLE.patients[is_class]))
    overall = {"weighted_f1": table.weighted_f1(means["f1"]), **table.coefficients()}
    for name, influence in overall.items():
        assert influence.value == pytest.approx(values[f"overall {name}"][0]), name
        assert influence.influence == pytest.approx(slopes[f"overall {name}"], abs=1e-5), name
    for name, metric in (("balanced_accuracy", "sensitivity"), ("macro_f1", "f1"), ("auc", "auc")):
        assert means[metric].mean.value == pytest.approx(values[f"overall {name}"][0])
        assert means[metric].mean.influence == pytest.approx(slopes[f"overall {name}"], abs=1e-5)
    accuracy, everyone = table.share(table.correct)
    assert accuracy.value == values["overall accuracy"][0]
    assert (everyone.cases, everyone.groups) == (150, 50)


def test_what_is_undefined_is_nan_and_coefficients_of_one_class_are_left_out() -> None:
    table = TableInfluences(small("AAAA", "AAAA", "AB", [[0.9, 0.1]] * 4), np.arange(4))
    found = table.class_estimates(1, {})
    for metric in ("sensitivity", "precision", "f1", "auc", "average_precision"):
        assert np.isnan(found.estimates[metric].value), metric
    assert table.coefficients() == {}
    assert "mcc" not in TableInfluences(small("AB", "AA", "AB"), np.arange(2)).coefficients()


def test_without_probabilities_there_is_no_auc() -> None:
    bare = Predictions(**{**vars(TABLE), "probabilities": None})
    means = {"auc": MeanInfluence(50)}
    found = TableInfluences(bare, bare.patients).class_estimates(0, means)
    assert not {"auc", "average_precision"} & set(found.estimates)
    assert means["auc"].values == []
    assert isinstance(found.estimates["f1"], Estimate)
