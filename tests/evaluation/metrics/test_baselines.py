"""A classifier against its baselines: each metric as scikit-learn has it, each difference from the same draws."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss, roc_auc_score

from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.metrics.baselines import COMPARED, BaselineMeasure
from derm_cli.evaluation.metrics.paired_metrics import differences_together, paired_metrics
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import made_baselines, random_table, small

TEST = random_table(0, 200, 4, per_patient=2)
BASELINES = made_baselines(TEST)


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    return judge(TEST, {}, draws=200, baselines=BASELINES)


def by_scikit_learn(table: Predictions) -> dict[str, float]:
    labels, predictions, probabilities = table.labels, table.predictions, table.probabilities
    return {
        "macro_f1": f1_score(labels, predictions, average="macro", zero_division=0),
        "balanced_accuracy": balanced_accuracy_score(labels, predictions),
        "accuracy": accuracy_score(labels, predictions),
        "auc": roc_auc_score(labels, probabilities, multi_class="ovr", labels=list(table.classes)),
        "log_loss": log_loss(labels, probabilities, labels=list(table.classes)),
    }


def test_each_metric_is_that_of_scikit_learn_and_each_difference_the_run_s_less_the_baseline_s(judgement) -> None:
    compared = judgement.baselines
    own = by_scikit_learn(TEST)
    assert compared.own == pytest.approx(own)
    for each in compared.comparisons[:2]:
        expected = by_scikit_learn(each.baseline.predictions)
        assert list(each.metrics) == list(COMPARED) == list(each.differences)
        assert each.metrics == pytest.approx(expected)
        found = {name: difference.difference for name, difference in each.differences.items()}
        assert found == pytest.approx({name: own[name] - expected[name] for name in own})


def test_intervals_are_those_of_every_other_table(judgement) -> None:
    """The classifier's own intervals are those that its evaluation has, the differences' those of paired runs."""
    compared, evaluation = judgement.baselines, judgement.evaluation
    for name in ("macro_f1", "balanced_accuracy", "accuracy", "auc"):
        assert compared.own_intervals[name] == evaluation.intervals[name]
    assert compared.own_intervals["log_loss"].to_json()[:2] == pytest.approx(
        judgement.calibration.intervals["log_loss"].to_json()[:2], rel=1e-5
    )
    paired = [paired_metrics(each.baseline.predictions, TEST)[0] for each in compared.comparisons[:2]]
    expected = iter(differences_together([metrics[name] for metrics in paired for name in COMPARED], "patients"))
    for each in compared.comparisons[:2]:
        for difference in each.differences.values():
            assert difference == next(expected)
            assert difference.interval is not None
            assert difference.interval.method == ("tango" if difference.name == "accuracy" else "score")


def test_one_that_could_not_be_computed_says_why(judgement) -> None:
    found = judgement.to_json()["baselines"]
    assert list(found) == ["constant", "noisy", "answers"]
    assert found["answers"] == {"title": "the answers alone", "reason": "nobody was asked"}
    assert found["noisy"]["how"] == "a regression"
    assert found["noisy"]["facts"] == {"c": 0.1}
    assert set(found["noisy"]["differences"]) == set(COMPARED)
    assert found["constant"]["auc"] == 0.5
    assert "auc" not in found["constant"]["intervals"], "whatever the cases, it is 0.5"


def test_without_baselines_nothing_is_said_of_them() -> None:
    judged = judge(TEST, {}, draws=20)
    assert judged.baselines is None
    assert "baselines" not in judged.to_json()


@pytest.mark.parametrize("draws", [0, 50])
def test_a_test_part_of_one_class_has_no_auc_and_no_crash(draws: int) -> None:
    test = small("AAAAAA", "AABAAA", "AB", [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4], [0.9, 0.1], [0.7, 0.3]])
    (constant, *_) = made_baselines(test)
    (compared,) = judge(test, {}, draws=draws, baselines=(constant,)).baselines.comparisons  # type: ignore[union-attr]
    assert compared.metrics["auc"] is None
    assert (compared.differences["auc"].difference, compared.differences["auc"].interval) == (None, None)
    assert compared.differences["accuracy"].difference == pytest.approx(5 / 6)
    assert (compared.differences["accuracy"].interval is None) == (draws == 0)


def test_a_classifier_without_probabilities_is_compared_by_its_answers() -> None:
    test = small("AABB", "ABBB", "AB")
    constant = made_baselines(small("AABB", "ABBB", "AB", np.full((4, 2), 0.5)))[0]
    (compared,) = BaselineMeasure(test, [constant]).result({}, "bootstrap").comparisons
    assert compared.differences["accuracy"].difference == pytest.approx(0.25)
    assert not {"auc", "log_loss"} & set(compared.differences)
