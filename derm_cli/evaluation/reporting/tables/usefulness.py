"""Whether a classifier is of use, as tables: net benefit, what mistakes cost, and predictive values elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.evaluation.metrics.decision_curve import DecisionCurve
from derm_cli.evaluation.metrics.expected_cost import LEAST_COST, ONE_ANSWER, PREDICTED, ExpectedCost
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, NET_BENEFIT_METRICS
from derm_cli.evaluation.metrics.predictive_values import PredictiveValue, PredictiveValues
from derm_cli.evaluation.reporting.tables.severity import MOST_PROBABLE
from derm_cli.evaluation.reporting.tables.table import Number, Row, Table, metric_cell

SHOWN = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""The thresholds of a decision curve that stand in its table."""


def usefulness_tables(
    values: PredictiveValues | None, curve: DecisionCurve | None, expected: ExpectedCost | None
) -> Iterator[Table]:
    """Yield the tables of what there is."""
    if values is not None:
        yield predictive_value_table(values)
    if curve is not None:
        yield decision_curve_table(curve)
    if expected is not None:
        yield from expected_cost_tables(expected)


def decision_curve_table(curve: DecisionCurve) -> Table:
    """Return the net benefit at some of the thresholds."""
    rows: tuple[Row, ...] = tuple(
        (
            f"{100 * point.threshold:g} %",
            *(
                metric_cell(metric, getattr(point, name), point.intervals.get(name))
                for name, metric in NET_BENEFIT_METRICS.items()
            ),
        )
        for point in curve.points
        if point.threshold in SHOWN
    )
    header = ("referred from", *(metric.heading for metric in NET_BENEFIT_METRICS.values()))
    title = f"Net benefit of referring by the probability of malignant: {curve.malignant} of {curve.cases} cases are"
    title += f" ({curve.no_interval})" if curve.no_interval else ""
    return Table("decision_curve", title, header, rows)


def expected_cost_tables(expected: ExpectedCost) -> Iterator[Table]:
    """Yield what answering costs on average, and what each mistake costs."""
    titles = {
        PREDICTED: "the predicted class",
        LEAST_COST: "the class of least expected cost",
        ONE_ANSWER: f"'{expected.single}' always",
    }
    rows: tuple[Row, ...] = tuple(
        (
            titles[rule.name],
            Number(rule.cost, rule.interval, scale=1, decimals=3),
            Number(rule.normalized, scale=1, decimals=3),
        )
        for rule in expected.rules
    )
    header = ("answer", "cost of a case", f"of that of '{expected.single}' always")
    yield Table("expected_cost", "Expected cost: what mistakes cost on average", header, rows)
    costs: tuple[Row, ...] = tuple(
        (name, *(Number(float(cost), scale=1, decimals=2) for cost in row))
        for name, row in zip(expected.classes, expected.costs, strict=True)
    )
    titles_of_costs = ("true class", *(f"for {name}" for name in expected.classes))
    yield Table("costs", "What it was said that each mistake costs", titles_of_costs, costs)


def predictive_value_table(values: PredictiveValues) -> Table:
    """Return PPV and NPV at each prevalence that was given."""
    metrics = (CLASS_METRICS["precision"], CLASS_METRICS["npv"])
    rows: tuple[Row, ...] = tuple(
        (
            each.name,
            _rule(each),
            Number(each.prevalence, decimals=2),
            *(
                metric_cell(metric, getattr(each, name), each.intervals.get(name))
                for name, metric in zip(("ppv", "npv"), metrics, strict=True)
            ),
        )
        for each in values.values
    )
    header = ("of", "said by", "prevalence %", *(metric.heading for metric in metrics))
    title = "Predictive values at a prevalence that was given"
    return Table("predictive_values", title, header, rows, keys=2)


def _rule(value: PredictiveValue) -> str:
    return MOST_PROBABLE if value.target is None else f"chosen for {value.target:.0%}"
