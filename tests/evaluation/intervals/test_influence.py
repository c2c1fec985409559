"""Influences: values as scikit-learn has them, and the very slopes of each metric in the weight of a patient."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss, roc_auc_score

from derm_cli.evaluation.intervals.influence import Influence, MeanInfluence, PatientInfluences, auc_influence
from derm_cli.evaluation.metrics.classification import ClassificationMeasure
from tests.support.synthetic_tables import random_table

TABLE = random_table(0, 120, 4, per_patient=3)
STEP = 1 / 64


@pytest.fixture(scope="module")
def influences() -> dict[str, Influence]:
    """Those of each class by name and number, and those over all classes."""
    found = PatientInfluences(TABLE, TABLE.patients)
    means = {name: MeanInfluence(found.count) for name in ("sensitivity", "f1", "auc")}
    by_class = {}
    for class_index in range(4):
        of_class = found.of_class(class_index)
        by_class |= {f"{name} {class_index}": each for name, each in of_class.items()}
        for name, sums in means.items():
            sums.add(of_class[name], float((found.truth == class_index).mean()))
    return by_class | {f"overall {name}": each for name, each in found.overall(means).items()}


def test_values_are_those_of_scikit_learn(influences) -> None:
    labels, said, probabilities = TABLE.labels, TABLE.predictions, TABLE.probabilities
    assert influences["overall balanced_accuracy"].value == pytest.approx(balanced_accuracy_score(labels, said))
    for average in ("macro", "weighted"):
        expected = f1_score(labels, said, average=average)
        assert influences[f"overall {average}_f1"].value == pytest.approx(expected)
    assert influences["overall auc"].value == pytest.approx(roc_auc_score(labels, probabilities, multi_class="ovr"))
    assert influences["overall log_loss"].value == pytest.approx(log_loss(labels, probabilities))


def test_each_is_by_how_much_the_metric_would_change_with_more_of_a_patient(influences) -> None:
    measure = ClassificationMeasure(TABLE)
    weights = 1.0 + STEP * (TABLE.patients == np.arange(TABLE.patients.max() + 1)[:, np.newaxis])
    more, less = measure.metrics(weights), measure.metrics(2 - weights)
    for name, each in influences.items():
        metric, _, class_index = name.rpartition(" ")
        if metric == "overall" and class_index != "log_loss":
            slopes = (more[name] - less[name]) / (2 * STEP)
        elif metric == "overall":
            continue
        else:
            slopes = (more[metric] - less[metric])[:, int(class_index)] / (2 * STEP)
        assert each.influence == pytest.approx(slopes, abs=1e-5), name


def test_they_sum_to_nothing_and_the_shares_to_one(influences) -> None:
    for name, each in influences.items():
        assert each.influence.sum() == pytest.approx(0, abs=1e-12), name
        assert each.shares.sum() == pytest.approx(1), name
        assert (each.shares >= 0).all()


def test_an_auc_has_the_variance_of_delong(influences) -> None:
    """Of cases one by one: the sum of the variances of both sides, each over its number (DeLong et al. 1988)."""
    table = random_table(1, 80, 2)
    auc = PatientInfluences(table, np.arange(80)).of_class(1)["auc"]
    positive = table.labels == "C01"
    scores = table.probabilities[:, 1]
    won = (scores[positive][:, None] > scores[~positive]) + 0.5 * (scores[positive][:, None] == scores[~positive])
    expected = sum(side.var() / len(side) for side in (won.mean(axis=1), won.mean(axis=0)))
    assert (auc.influence**2).sum() == pytest.approx(expected)
    # It is a mean of the side of fewer patients.
    assert np.count_nonzero(auc.shares) == min(positive.sum(), (~positive).sum())


def test_what_is_undefined_has_none() -> None:
    found = Influence.of_ratio(np.zeros(3), np.zeros(3))
    assert np.isnan(found.value)
    assert not found.shares.any()
    means = MeanInfluence(3)
    means.add(found, 0.0)
    assert np.isnan(means.mean.value)
    means.add(Influence.of_ratio(np.array([1.0, 0, 0]), np.ones(3)), 1.0)
    assert means.mean.value == means.weighted.value == pytest.approx(1 / 3)


@pytest.mark.parametrize("step", [0.001, 0.1, 0.5])
def test_an_auc_is_that_of_the_ranks_to_the_last_bit_however_many_are_equal(step) -> None:
    generator = np.random.default_rng(3)
    scores = np.round(generator.random(200) / step) * step
    positive, patients = generator.random(200) < 0.3, np.arange(200) // 2
    found = auc_influence(scores, positive, patients, 100)
    ranks, others = rankdata(scores), int((~positive).sum())
    won = (ranks[positive] - rankdata(scores[positive])) / others
    assert found.value == float(won.mean())
