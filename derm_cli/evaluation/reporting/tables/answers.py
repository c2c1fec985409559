"""What answers are worth, as a table: the metrics with them, without them and by them alone, and what they add."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derm_cli.evaluation.answers_value import interval_of
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.metrics.paired import OVERALL
from derm_cli.evaluation.reporting.tables.table import Row, Table, metric_cell


def answers_table(value: Mapping[str, Any]) -> Table:
    """Return a row for each way to judge, then the paired differences, of :func:`value_of_answers`'s JSON values."""
    metrics = [OVERALL_METRICS[name] for name in OVERALL]
    rows: list[Row] = [
        (
            name,
            *(
                metric_cell(metric, figures[metric.name], interval_of(figures["intervals"].get(metric.name)))
                for metric in metrics
            ),
        )
        for name, figures in value["figures"].items()
    ]
    for name, gains in value["gains"].items():
        of_metric = {each["name"]: each for each in gains}
        differences = (of_metric.get(metric.name, {"difference": None, "interval": None}) for metric in metrics)
        cells = (
            metric_cell(metric, each["difference"], interval_of(each["interval"]))
            for metric, each in zip(metrics, differences, strict=True)
        )
        rows.append((f"more than {name}, points", *cells))
    title = "What the answers are worth: the same photographs with them, without them, and by them alone"
    return Table("answers", title, ("judged by", *(metric.heading for metric in metrics)), tuple(rows))
