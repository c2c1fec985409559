"""What each patient adds to a difference: for counts by hand, for a mean of classes class by class."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.metrics.paired_metrics import OF_CLASS, paired_metrics
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small

FIRST = random_table(0, 120, 4, per_patient=3)
SECOND = Predictions(**{**vars(random_table(1, 120, 4, per_patient=3)), "labels": FIRST.labels})


@pytest.fixture(scope="module")
def metrics():
    return paired_metrics(FIRST, SECOND)


def test_all_that_patients_add_is_the_difference(metrics) -> None:
    overall, per_class = metrics
    for each in (*overall.values(), *(each for row in per_class for each in row)):
        assert each.column.sum() == pytest.approx(each.second - each.first), each.name
        assert each.contributions.difference == pytest.approx(each.second - each.first)
    assert [[each.name for each in row] for row in per_class] == [list(OF_CLASS)] * 4


def test_right_and_wrong_answers_are_counted(metrics) -> None:
    overall, per_class = metrics
    right = [each.predictions == FIRST.labels for each in (FIRST, SECOND)]
    gains = right[1].astype(int) - right[0].astype(int)
    assert overall["accuracy"].column * 120 == pytest.approx(np.bincount(FIRST.patients, weights=gains))
    discordance = overall["accuracy"].discordance
    assert (discordance.only_first, discordance.only_second) == ((gains < 0).sum(), (gains > 0).sum())
    is_class = FIRST.labels == "C01"
    sensitivity, specificity = per_class[1][:2]
    assert sensitivity.column * is_class.sum() == pytest.approx(np.bincount(FIRST.patients, weights=gains * is_class))
    assert sensitivity.discordance.cases == is_class.sum()
    assert specificity.discordance.cases == (~is_class).sum()


def test_a_mean_over_classes_is_made_of_what_they_are_made_of(metrics) -> None:
    overall, per_class = metrics
    for name, mean in (("sensitivity", "balanced_accuracy"), ("f1", "macro_f1"), ("auc", "auc")):
        columns = [row[OF_CLASS.index(name)].column for row in per_class]
        assert overall[mean].column == pytest.approx(np.mean(columns, axis=0)), mean


def test_an_interval_as_wide_as_the_scale_is_not_given() -> None:
    table = small("M" * 6 + "N" * 60, "M" * 3 + "N" * 63, "MN")
    other = small("M" * 6 + "N" * 60, "N" * 2 + "M" * 3 + "N" * 61, "MN")
    sensitivity = paired_metrics(table, other)[1][0][0]
    wide, wider = (sensitivity.difference(alpha, "cases") for alpha in (0.2, 0.002))
    assert wide.interval is not None
    assert wide.interval.high - wide.interval.low < 1
    assert (wider.interval, wider.reason) == (None, "6 cases, too few to tell")


def test_a_log_loss_is_no_share() -> None:
    """Of sure answers, half of them wrong, to as sure ones, all right: 23 nats, in an interval about it."""
    labels = "AB" * 30
    sure, right = np.tile([[1 - 1e-20, 1e-20]], (60, 1)), np.tile([[0.9, 0.1], [0.1, 0.9]], (30, 1))
    overall, _ = paired_metrics(small(labels, "A" * 60, "AB", sure), small(labels, labels, "AB", right))
    found = overall["log_loss"].difference(0.05, "cases")
    assert found.difference is not None
    assert found.difference < -5
    assert found.interval is not None
    assert found.interval.low < found.difference < found.interval.high < -1
    assert found.reason is None


def test_one_without_probabilities_has_no_auc() -> None:
    overall, per_class = paired_metrics(FIRST, Predictions(**{**vars(SECOND), "probabilities": None}))
    assert not {"auc", "log_loss"} & set(overall)
    assert [each.name for each in per_class[0]] == list(OF_CLASS[:-1])
