"""Baselines as tables, and in the sentence that a training ends with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.evaluation.baseline_predictions import BaselinePredictions
from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.baselines import BaselineComparison, BaselineComparisons
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.tables.baselines import baseline_sentences, baseline_tables
from derm_cli.evaluation.resampling import Interval
from tests.support.synthetic_tables import made_baselines, random_table


def comparison(title: str, macro_f1: float, difference: float, interval: tuple[float, float] | None):
    ends = Interval(*interval, "patients") if interval else None
    found = MetricDifference("macro_f1", macro_f1, macro_f1 + difference, difference, ends)
    baseline = BaselinePredictions(title.replace(" ", "-"), title)
    return BaselineComparison(baseline, {"macro_f1": macro_f1}, {}, {"macro_f1": found})


@pytest.mark.parametrize(
    ("difference", "interval", "sentence"),
    [
        (0.051, (0.012, 0.09), "Better than frozen features by 5.1 points of macro F1 (1.2–9.0)."),
        (0.051, (-0.012, 0.09), "Not better than frozen features: 5.1 points of macro F1 (-1.2 to 9.0)."),
        (0.051, (0.0, 0.09), "Not better than frozen features: 5.1 points of macro F1 (0.0–9.0)."),
        (-0.2, (-0.3, -0.1), "Not better than frozen features: -20.0 points of macro F1 (-30.0 to -10.0)."),
        (0.051, None, "Better than frozen features by 5.1 points of macro F1."),
        (0.0, None, "Not better than frozen features: 0.0 points of macro F1."),
    ],
)
def test_it_is_better_where_the_whole_interval_is(difference, interval, sentence) -> None:
    compared = BaselineComparisons((comparison("frozen features", 0.4, difference, interval),), {}, {})
    assert baseline_sentences(compared) == (sentence,)


def test_one_without_an_interval_is_not_shown_to_be_better() -> None:
    few = comparison("frozen features", 0.4, 0.2, None)
    difference = replace(few.differences["macro_f1"], reason="4 cases, fewer than 5")
    compared = BaselineComparisons((replace(few, differences={"macro_f1": difference}),), {}, {})
    assert baseline_sentences(compared) == (
        "Not shown to be better than frozen features: 20.0 points of macro F1, without an interval: "
        "4 cases, fewer than 5.",
    )


def test_the_best_baseline_stands_first_and_those_without_an_answer_last() -> None:
    left_out = BaselineComparison(BaselinePredictions("answers", "the answers alone", reason="nobody was asked"))
    weak, strong = (comparison(*each, 0.2, None) for each in (("a guess", 0.1), ("frozen features", 0.4)))
    assert baseline_sentences(BaselineComparisons((left_out, weak, strong), {}, {})) == (
        "Better than frozen features by 20.0 points of macro F1.",
        "Better than a guess by 20.0 points of macro F1.",
        "Not compared with the answers alone: nobody was asked.",
    )
    assert baseline_sentences(None) == ()


def test_the_model_stands_above_its_baselines_and_the_differences_below() -> None:
    test = random_table(0, 120, 3)
    judged = judge(test, {}, draws=50, baselines=made_baselines(test))
    assert judged.baselines is not None
    first, second = baseline_tables(judged.baselines)
    assert [row[0] for row in first.rows] == ["the model", "the most frequent class", "frozen features"]
    assert first.header == (
        *("baseline", "macro F1 %", "balanced accuracy %", "accuracy %", "mean AUC %", "log loss, nats", "how"),
    )
    assert shown(first.rows[0][1]).startswith(f"{100 * judged.evaluation.macro_f1:.1f} (")
    assert first.rows[2][-1] == "a regression"
    assert [row[0] for row in second.rows] == ["the most frequent class", "frozen features"]
    assert second.header == ("baseline", "macro F1", "balanced accuracy", "accuracy", "mean AUC", "log loss, nats")
    for table in (first, second):
        assert {len(row) for row in table.rows} == {len(table.header)}


def test_without_an_answer_there_is_no_table() -> None:
    left_out = BaselineComparison(BaselinePredictions("answers", "the answers alone", reason="nobody was asked"))
    assert list(baseline_tables(BaselineComparisons((left_out,), {"macro_f1": 0.5}, {}))) == []
