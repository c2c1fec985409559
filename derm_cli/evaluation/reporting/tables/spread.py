"""The spread over models of one plan as a table."""

from __future__ import annotations

from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS, Metric
from derm_cli.evaluation.metrics.spread import MetricSpreads, Spread
from derm_cli.evaluation.reporting.tables.table import Row, Table, metric_cell


def spread_table(name: str, title: str, spreads: MetricSpreads) -> Table:
    """Return a row a metric over all classes, then a row a metric of each class."""
    rows = [_row(OVERALL_METRICS[metric], "all classes", spread) for metric, spread in spreads.overall.items()]
    for label, of_class in spreads.per_class.items():
        rows += [_row(CLASS_METRICS[metric], label, spread) for metric, spread in of_class.items()]
    header = ("class", "metric", "mean", "standard deviation", "lowest", "highest", "models")
    return Table(name, title, header, tuple(rows), keys=2)


def _row(metric: Metric, label: str, spread: Spread) -> Row:
    values = (spread.mean, spread.sd, spread.lowest, spread.highest)
    return (label, metric.heading, *(metric_cell(metric, value) for value in values), spread.models)
