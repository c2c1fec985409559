"""Results by patient and by lesion as tables: the mean and the worst of the photographs of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS
from derm_cli.evaluation.metrics.repeated_photographs import MEAN, WORST, RepeatedPhotographs
from derm_cli.evaluation.reporting.tables.table import Row, Table, metric_cell

WAYS = {MEAN: "mean photograph", WORST: "worst photograph"}
_METRICS = tuple(OVERALL_METRICS[name] for name in ("accuracy", "balanced_accuracy", "macro_f1"))


def repeated_tables(results: Sequence[RepeatedPhotographs]) -> Iterator[Table]:
    """Yield a table for patients, and one for lesions, as far as they have several photographs."""
    sensitivity = CLASS_METRICS["sensitivity"]
    for each in results:
        rows: list[Row] = []
        ways = {WAYS[name]: metrics for name, metrics in each.ways.items()}
        for metric in _METRICS:
            cells = (
                metric_cell(metric, getattr(of, metric.name), of.intervals.get(metric.name)) for of in ways.values()
            )
            rows.append((metric.heading, *cells))
        for label in next(iter(ways.values())).sensitivity:
            cells = (
                metric_cell(sensitivity, of.sensitivity[label], of.intervals.get(f"sensitivity {label}"))
                for of in ways.values()
            )
            rows.append((f"{sensitivity.heading}, {label}", *cells))
        title = (
            f"By {each.unit} and class: {each.photographs} photographs are {each.units} cases, {each.repeated} of "
            "several photographs"
        )
        yield Table(f"{each.unit}s", title, (f"by {each.unit}", *ways), tuple(rows))
