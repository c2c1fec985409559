from dataclasses import fields

import pytest

from derm_cli.evaluation.metrics.calibration import Calibration
from derm_cli.evaluation.metrics.calibration_slope import CalibrationSlope
from derm_cli.evaluation.metrics.classification import ClassMetrics, Evaluation
from derm_cli.evaluation.metrics.decision_curve import DecisionPoint
from derm_cli.evaluation.metrics.metric_table import (
    CALIBRATION_METRICS,
    CALIBRATION_SLOPE_METRICS,
    CLASS_METRICS,
    NET_BENEFIT_METRICS,
    OVERALL_METRICS,
    PARTIAL_AUC_METRICS,
    PREDICTION_SET_METRICS,
    Metric,
)
from derm_cli.evaluation.metrics.paired import OVERALL
from derm_cli.evaluation.metrics.paired_metrics import OF_CLASS
from derm_cli.evaluation.metrics.partial_auc import PartialAuc
from derm_cli.evaluation.metrics.prediction_sets import PredictionSets
from derm_cli.studies.cross_validating import cross_validation

ALL = (CLASS_METRICS, OVERALL_METRICS, CALIBRATION_METRICS, PREDICTION_SET_METRICS)


@pytest.mark.parametrize(
    ("metrics", "result"),
    [
        (CLASS_METRICS, ClassMetrics),
        (OVERALL_METRICS, Evaluation),
        (CALIBRATION_METRICS, Calibration),
        (PREDICTION_SET_METRICS, PredictionSets),
        (CALIBRATION_SLOPE_METRICS, CalibrationSlope),
        (PARTIAL_AUC_METRICS, PartialAuc),
        (NET_BENEFIT_METRICS, DecisionPoint),
    ],
)
def test_every_metric_is_a_field_of_its_result(metrics: dict[str, Metric], result: type) -> None:
    assert metrics.keys() <= {field.name for field in fields(result)}
    assert all(name == metric.name for name, metric in metrics.items())


def test_no_two_metrics_have_one_title() -> None:
    titles = [metric.title for metrics in ALL for metric in metrics.values()]
    assert len(set(titles)) == len(titles)


def test_comparisons_and_folds_are_told_by_metrics_of_the_table() -> None:
    assert set(OVERALL) <= OVERALL_METRICS.keys()
    assert set(OF_CLASS) <= CLASS_METRICS.keys()
    assert list(cross_validation.OVERALL_METRICS) == [
        "accuracy %",
        "balanced accuracy %",
        "weighted F1 %",
        "macro F1 %",
    ]
    assert list(cross_validation.CLASS_METRICS) == ["sensitivity %", "specificity %", "PPV %", "F1 %", "AUC %"]


def test_errors_and_losses_are_better_low() -> None:
    lower = {metric.name for metrics in ALL for metric in metrics.values() if metric.better == "lower"}
    assert lower == {"ece", "brier", "log_loss", "size"}
