from dataclasses import astuple
from statistics import mean, stdev

import pytest

from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.spread import MetricSpreads, Spread
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.tables.spread import spread_table
from tests.support.synthetic_tables import random_table


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.5, 0.7, None], (0.6, 0.14142135623730953, 0.5, 0.7, 2)),
        ([0.5], (0.5, None, 0.5, 0.5, 1)),
        ([None], (None, None, None, None, 0)),
        ([], (None, None, None, None, 0)),
    ],
)
def test_it_is_over_the_models_that_have_the_metric(values: list[float | None], expected: tuple[float, ...]) -> None:
    assert astuple(Spread.of(values)) == pytest.approx(expected)


def test_of_evaluations_overall_and_by_class() -> None:
    evaluations = [evaluation_of(random_table(seed, 200, 4), 0) for seed in range(3)]
    found = MetricSpreads.of(evaluations, ["macro_f1"], ["sensitivity"])
    values = [each.macro_f1 for each in evaluations]
    assert astuple(found.overall["macro_f1"]) == pytest.approx(
        (mean(values), stdev(values), min(values), max(values), 3)
    )
    of_class = [each.per_class["C02"].sensitivity for each in evaluations]
    assert found.per_class["C02"]["sensitivity"].lowest == min(each for each in of_class if each is not None)
    assert found.to_json("folds")["per_class"]["C02"]["sensitivity"]["folds"] == 3
    table = spread_table("spread", "Spread", found)
    assert [row[:2] for row in table.rows][:2] == [("all classes", "macro F1 %"), ("C00", "sensitivity %")]
    assert shown(table.rows[0][2]) == f"{100 * mean(values):.1f}"
    assert table.rows[0][-1] == 3


def test_of_no_evaluation_there_is_nothing() -> None:
    found = MetricSpreads.of([], ["macro_f1"], ["sensitivity"])
    assert (found.overall["macro_f1"].models, found.per_class) == (0, {})
