"""A plugin's metric is computed like any other, with an interval by patient, and its fault takes nothing else along."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.metric_table import CALIBRATION_METRICS
from derm_cli.evaluation.metrics.plugin_metrics import UNDEFINED, PluginMeasure, PluginMetric, cases_for_plugins
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin import MetricSpec
from derm_cli.plugin.calling import Origin, guarded
from tests.support.synthetic_tables import random_table, small

SEVERITIES = {"C00": "malignant", "C01": "benign"}
TABLE = random_table(3, 240, 3, per_patient=3)


def metric(compute: Any, **fields: Any) -> MetricSpec:
    spec = MetricSpec(**{"name": "own", "title": "Own", "compute": compute} | fields)
    return guarded(spec, Origin("cost-tools", shipped_by="cost-tools 1.0"))


def brier(cases):
    return float(((cases.probabilities - np.eye(len(cases.classes))[cases.labels]) ** 2).sum(axis=1).mean())


def right_by_class(cases):
    return np.array(
        [
            (cases.predictions[cases.labels == index] == index).mean() if (cases.labels == index).any() else np.nan
            for index in range(len(cases.classes))
        ]
    )


def measured(spec: MetricSpec, table: Predictions = TABLE, draws: int = 200) -> PluginMetric:
    measure = PluginMeasure.of(EvaluationInput(table, SEVERITIES, metrics=(spec,)))
    assert measure is not None
    (found,) = measure_one(measure, table, draws).metrics
    return found


def test_a_metric_has_the_value_and_nearly_the_interval_of_derm_s_own():
    own = judge(TABLE, {}, draws=1000, metrics=(metric(brier, better="lower"),))
    (found,) = own.plugin_metrics
    value = found.values[""]
    assert value.value == pytest.approx(own.calibration.brier)
    expected = own.calibration.intervals["brier"]
    assert value.interval.method == "patients"
    assert (value.interval.low, value.interval.high) == pytest.approx((expected.low, expected.high), abs=0.02)
    assert CALIBRATION_METRICS["brier"].better == found.spec.better
    # The same draws, the same seed, the same interval.
    again = judge(TABLE, {}, draws=1000, metrics=(metric(brier, better="lower"),))
    assert again.to_json()["plugin_metrics"] == own.to_json()["plugin_metrics"]


def test_patients_are_drawn_and_not_their_photographs():
    by_patient = measured(metric(brier)).values[""].interval
    alone = replace(TABLE, metadata={})
    by_case = measured(metric(brier), alone).values[""].interval
    assert by_patient.high - by_patient.low > 1.3 * (by_case.high - by_case.low)


def test_a_metric_by_class_has_an_interval_for_each():
    found = measured(metric(right_by_class, per_class=True, lowest=0, highest=1))
    assert list(found.values) == ["C00", "C01", "C02"]
    expected = judge(TABLE, {}, draws=0).evaluation
    for name, value in found.values.items():
        assert value.value == pytest.approx(expected.per_class[name].sensitivity)
        assert value.interval.low < value.value < value.interval.high


def test_what_a_metric_is_given():
    given = []

    def look(cases):
        given.append(cases)
        with pytest.raises(ValueError, match="read-only"):
            cases.probabilities[0, 0] = 1
        return 0.5

    table = small("AAB", "ABB", "AB", [[0.7, 0.3], [0.2, 0.8], [0.1, 0.9]], sex="f.m", patient="PPQ", note="abc")
    PluginMeasure.of(EvaluationInput(table, {"A": "malignant"}, metrics=(metric(look),)))
    (cases,) = given
    assert [(each.name, each.severity) for each in cases.classes] == [("A", "malignant"), ("B", None)]
    assert (cases.labels.tolist(), cases.predictions.tolist()) == ([0, 0, 1], [0, 1, 1])
    assert cases.patients.tolist() == [0, 0, 1]
    # Names of patients and cases, and columns that derm does not know, stay here.
    assert {name: values.tolist() for name, values in cases.attributes.items()} == {"sex": ["f", "", "m"]}
    assert cases.probabilities.shape == (3, 2)


def test_without_probabilities_or_a_metric_nothing_is_measured():
    table = small("AAB", "ABB", "AB")
    assert np.isnan(cases_for_plugins(table, {}).probabilities).all()
    judgement = judge(table, {}, draws=0, metrics=(metric(brier),))
    assert "Metrics of plugins need a probability of every class, which is not there: Own." in judgement.notes
    assert "plugin_metrics" not in judgement.to_json()
    assert "plugin_metrics" not in judge(TABLE, {}, draws=0).to_json()


@pytest.mark.parametrize(
    ("cases", "per_patient", "why"),
    [(27, 3, "9 patients: too few for an interval"), (9, 1, "9 cases: too few for an interval")],
)
def test_too_few_patients_give_no_interval_and_say_why(cases, per_patient, why):
    value = measured(metric(brier), random_table(1, cases, 2, per_patient=per_patient)).values[""]
    assert value.value is not None
    assert (value.interval, value.no_interval) == (None, why)


def test_a_class_of_too_few_patients_has_no_interval_and_the_others_have_one():
    labels, predictions = "A" * 40 + "B" * 40 + "C" * 4, "A" * 30 + "B" * 50 + "C" * 4
    probabilities = np.eye(3)[["ABC".index(each) for each in predictions]]
    found = measured(metric(right_by_class, per_class=True), small(labels, predictions, "ABC", probabilities))
    assert found.values["A"].interval is not None
    assert (found.values["C"].value, found.values["C"].interval) == (1.0, None)
    assert found.values["C"].no_interval == "4 cases: too few for an interval"


def test_a_metric_that_is_undefined_in_most_draws_has_no_interval():
    count = len(TABLE.labels)
    found = measured(metric(lambda cases: 0.5 if len(set(cases.patients.tolist())) == count // 3 else np.nan))
    assert (found.values[""].value, found.values[""].no_interval) == (0.5, UNDEFINED)


def fails_in_draws(cases):
    if len(set(cases.patients.tolist())) < len(TABLE.labels) // 3:
        raise KeyError("a draw")
    return 0.5


def fails(cases):
    raise ZeroDivisionError("no cost")


@pytest.mark.parametrize(
    ("compute", "fields", "said", "fault"),
    [
        (fails, {}, "compute of metric 'own' fails (ZeroDivisionError: no cost;", "failed"),
        (lambda cases: "good", {}, "gives the str 'good', but must give float", "failed"),
        (lambda cases: None, {}, "gives None, but must give float", "failed"),
        (lambda cases: True, {}, "gives True, but must give float", "failed"),
        (lambda cases: np.zeros(3), {}, "gives an array of shape (3,) of float64, but must give a number", "failed"),
        (lambda cases: 0.5, {"per_class": True}, "must give an array of 3 numbers, one a class", "failed"),
        (lambda cases: np.zeros(2), {"per_class": True}, "must give an array of 3 numbers, one a class", "failed"),
        (lambda cases: 1.5, {"lowest": 0, "highest": 1}, "gives 1.5, but its range is 0 to 1", "failed"),
        (lambda cases: float("inf"), {}, "gives inf, but its range is -∞ to ∞", "failed"),
        (fails_in_draws, {}, "fails (KeyError: 'a draw';", "failed in a draw: no interval"),
    ],
)
def test_a_metric_that_fails_is_the_plugin_s_fault_and_all_else_stands(capsys, compute, fields, said, fault):
    judgement = judge(TABLE, SEVERITIES, draws=50, metrics=(metric(compute, **fields), metric(brier, name="brier")))
    good, bad = judgement.plugin_metrics
    assert bad.fault == f"plugin 'cost-tools' {fault}"
    told = " ".join(capsys.readouterr().err.split())
    assert told.startswith("Warning: Plugin 'cost-tools' (cost-tools 1.0): compute of metric 'own'")
    assert said in told
    assert told.count("tell its author") == 1
    assert f"Own: {bad.fault}; all else stands." in judgement.notes
    assert all(each.value == (None if fault == "failed" else 0.5) for each in bad.values.values())
    assert all(each.interval is None for each in bad.values.values())
    assert good.values[""].interval is not None
    expected = judge(TABLE, SEVERITIES, draws=50).to_json()
    found = judgement.to_json()
    assert found.pop("plugin_metrics").keys() == {"brier", "own"}
    assert {**found, "notes": []} == {**expected, "notes": []}


def test_what_is_stored_of_a_metric():
    stored = measured(metric(brier, better="lower", lowest=0, highest=2, unit="points")).to_json()
    assert stored.keys() == {
        *("plugin", "title", "better", "range", "unit", "fault", "value", "interval", "no_interval")
    }
    assert (stored["plugin"], stored["title"], stored["better"]) == ("cost-tools", "Own", "lower")
    assert (stored["range"], stored["unit"]) == ([0, 2], "points")
    by_class = measured(metric(right_by_class, per_class=True)).to_json()
    assert by_class["per_class"]["C00"].keys() == {"value", "interval", "no_interval"}
