"""A classifier beside its baselines as tables, and in a sentence a baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derm_cli.evaluation.metrics.baselines import COMPARED, BaselineComparison, BaselineComparisons
from derm_cli.evaluation.metrics.metric_table import PERCENT, Metric
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.tables.table import Number, Row, Table, metric_cell
from derm_cli.evaluation.resampling import Intervals

OWN = "the model"


def baseline_tables(compared: BaselineComparisons) -> Iterator[Table]:
    """Yield what the classifier and each baseline give, then by how much the classifier is above each baseline."""
    shown_baselines = [each for each in compared.comparisons if each.differences]
    if not shown_baselines:
        return
    metrics = [metric for name, metric in COMPARED.items() if compared.own.get(name) is not None]

    def cells(values: Mapping[str, float | None], intervals: Intervals) -> list[Number]:
        return [metric_cell(each, values[each.name], intervals.get(each.name)) for each in metrics]

    rows: list[Row] = [(OWN, *cells(compared.own, compared.own_intervals), "")]
    rows += [(each.baseline.title, *cells(each.metrics, each.intervals), each.baseline.how) for each in shown_baselines]
    header = ("baseline", *(metric.heading for metric in metrics), "how")
    yield Table("baselines", "Baselines: what the same photographs give without this training", header, tuple(rows))
    differences: list[Row] = [
        (each.baseline.title, *(_difference_cell(metric, each) for metric in metrics)) for each in shown_baselines
    ]
    titles = (f"{metric.title}{metric.scale.unit}".removesuffix(PERCENT.unit) for metric in metrics)
    title = "Paired differences, points more than each baseline (of the log loss, less is better)"
    yield Table("baseline_differences", title, ("baseline", *titles), tuple(differences))


def baseline_sentences(compared: BaselineComparisons | None) -> tuple[str, ...]:
    """Return a sentence a baseline on whether the classifier is better than it, the best baseline first.

    It is better where the whole interval of the difference is above 0, or, where no intervals were asked for, the
    difference is.
    Last come the baselines that could not be computed, and why.
    """
    if compared is None:
        return ()
    deciding = next(iter(COMPARED))
    judged = [each for each in compared.comparisons if each.differences]
    judged.sort(key=lambda each: -(each.metrics[deciding] or 0.0))
    left_out = [each.baseline for each in compared.comparisons if not each.differences]
    return (
        *(_sentence(each, COMPARED[deciding]) for each in judged),
        *(f"Not compared with {each.title}: {each.reason}." for each in left_out),
    )


def _sentence(comparison: BaselineComparison, metric: Metric) -> str:
    title, each = comparison.baseline.title, comparison.differences[metric.name]
    value, _, interval = shown(_difference_cell(metric, comparison)).partition(" ")
    if each.interval is None and each.reason:
        points = f"{value} points of {metric.title}, without an interval"
        return f"Not shown to be better than {title}: {points}: {each.reason}."
    is_better = each.difference is not None and (each.interval.low if each.interval else each.difference) > 0
    behind = f" {interval}" if interval else ""
    if is_better:
        return f"Better than {title} by {value} points of {metric.title}{behind}."
    return f"Not better than {title}: {value} points of {metric.title}{behind}."


def _difference_cell(metric: Metric, comparison: BaselineComparison) -> Number:
    each = comparison.differences[metric.name]
    return metric_cell(metric, each.difference, each.interval)
