"""Metrics of plugins are shown in their own units, and what failed says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.plugin_comparison import compare_plugin_metrics
from derm_cli.evaluation.reporting.formats import as_csv, as_text, shown
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.plugin_metrics import plugin_comparison_tables, plugin_metric_tables
from derm_cli.plugin import MetricSpec
from derm_cli.plugin.calling import Origin, guarded
from tests.support.synthetic_tables import random_table

TABLE = random_table(3, 120, 3, per_patient=2)


def metric(name, compute, **fields):
    spec = MetricSpec(name=name, title=name.title(), compute=compute, **fields)
    return guarded(spec, Origin("cost-tools"))


def accuracy(cases):
    return float((cases.labels == cases.predictions).mean())


def share_by_class(cases):
    return np.bincount(cases.predictions, minlength=len(cases.classes)) / len(cases.labels)


METRICS = (
    metric("accuracy", accuracy, unit="%", decimals=1),
    metric("broken", lambda cases: 1 / 0),
    metric("cost", lambda cases: 10 * (1 - accuracy(cases)), better="lower", unit="€", decimals=2),
    metric("share", share_by_class, per_class=True),
)


def test_tables_of_one_classifier():
    judgement = judge(TABLE, {}, draws=100, metrics=METRICS)
    overall, by_class = plugin_metric_tables(judgement.plugin_metrics)
    rows = {row[0]: row[1:] for row in overall.rows}
    value = judgement.evaluation.accuracy
    assert shown(rows["Accuracy %"][0]).startswith(f"{100 * value:.1f} (")
    assert shown(rows["Cost €"][0]).startswith(f"{10 * (1 - value):.2f} (")
    assert rows["Broken"] == ("failed", "higher", "plugin 'cost-tools' failed")
    assert rows["Cost €"][1] == "lower"
    assert by_class.header == ("class", "Share", "note")
    assert [row[0] for row in by_class.rows] == ["C00", "C01", "C02"]
    assert [each.name for each in judgement_tables(judgement)][-2:] == ["plugin_metrics", "plugin_metrics_by_class"]
    assert "Cost €" in as_text(overall)
    lines = as_csv([overall, by_class]).splitlines()
    # In full precision, and with the interval.
    (line,) = [each for each in lines if each.startswith("plugin_metrics,Accuracy %,value,")]
    assert float(line.split(",")[3]) == value
    assert line.endswith(",patients")
    assert "plugin_metrics,Broken,value,failed,,," in lines
    assert any(each.startswith("plugin_metrics_by_class,C00,Share,0.") for each in lines)


def test_tables_of_several_classifiers():
    worse = replace(TABLE, predictions=np.roll(TABLE.predictions, 1))
    # Whatever order the cases have.
    turned = replace(
        worse,
        case_ids=worse.case_ids[::-1],
        labels=worse.labels[::-1],
        predictions=worse.predictions[::-1],
        probabilities=worse.probabilities[::-1],
        metadata={"patient": worse.metadata["patient"][::-1]},
    )
    found = compare_plugin_metrics({"one": TABLE, "two": turned}, METRICS, {}, draws=100)
    values, differences = plugin_comparison_tables(found)
    assert values.header == ("metric", "one", "two")
    assert [row[0] for row in values.rows] == ["Accuracy %", "Broken", "Cost €", *(f"Share, C0{n}" for n in range(3))]
    assert values.rows[1][1:] == ("failed", "failed")
    one, two = (float((each.labels == each.predictions).mean()) for each in (TABLE, worse))
    accuracy_of_two = found.differences["two"]["accuracy", ""]
    assert accuracy_of_two.value == two - one
    # Paired: much narrower than if the two had been judged on other patients each.
    assert accuracy_of_two.interval.low <= accuracy_of_two.value <= accuracy_of_two.interval.high
    assert accuracy_of_two.interval.high < 0
    assert differences.header == ("metric", "two")
    assert shown(differences.rows[0][1]).startswith(f"{100 * (two - one):.1f} (")
    stored = found.to_json()
    assert stored["runs"]["two"]["accuracy"]["value"] == two
    assert stored["differences"]["two"][0].keys() == {"metric", "class", "value", "interval", "no_interval"}


def test_a_classifier_that_equals_the_first_differs_by_nothing():
    found = compare_plugin_metrics({"one": TABLE, "two": TABLE}, METRICS[:1], {}, draws=50)
    same = found.differences["two"]["accuracy", ""]
    assert (same.value, same.interval.low, same.interval.high) == (0, 0, 0)


def test_without_probabilities_in_one_of_them_or_metrics_nothing_is_compared():
    bare = replace(TABLE, probabilities=None)
    assert compare_plugin_metrics({"one": TABLE, "two": bare}, METRICS, {}) is None
    assert compare_plugin_metrics({"one": TABLE, "two": TABLE}, (), {}) is None
