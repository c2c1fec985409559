"""The metrics of plugins as tables: those of all cases, those by class, and several classifiers beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from derm_cli.evaluation.metrics.plugin_comparison import PluginComparison
from derm_cli.evaluation.metrics.plugin_metrics import MetricValue, PluginMetric
from derm_cli.evaluation.reporting.tables.table import Cell, Number, Row, Table
from derm_cli.plugin import MetricSpec

FAILED = "failed"
"""What stands in the cell of a metric whose plugin failed."""


def metric_heading(spec: MetricSpec) -> str:
    """Return a metric's title with its unit."""
    return f"{spec.title} {spec.unit}".strip()


def plugin_metric_tables(metrics: Sequence[PluginMetric]) -> Iterator[Table]:
    """Yield the table of the metrics of all cases, and that of those by class, where there are any."""
    overall = [each for each in metrics if not each.spec.per_class]
    if overall:
        rows: list[Row] = [(metric_heading(each.spec), _cell(each), each.spec.better, _note(each)) for each in overall]
        yield Table("plugin_metrics", "Metrics of plugins", ("metric", "value", "better", "note"), tuple(rows))
    by_class = [each for each in metrics if each.spec.per_class]
    if by_class:
        classes = dict.fromkeys(name for each in by_class for name in each.values)
        header = ("class", *(metric_heading(each.spec) for each in by_class), "note")
        rows = [
            (name, *(_cell(each, name) for each in by_class), "; ".join(filter(None, _notes(by_class, name))))
            for name in classes
        ]
        yield Table("plugin_metrics_by_class", "Metrics of plugins by class", header, tuple(rows))


def plugin_comparison_tables(comparison: PluginComparison) -> Iterator[Table]:
    """Yield the metrics of plugins of each classifier, then how each but the first differs from the first."""
    first, *others = comparison.metrics
    labels = [(each.spec, name) for each in comparison.metrics[first] for name in each.values]
    if not labels:
        return
    found = {run: {each.spec.name: each for each in metrics} for run, metrics in comparison.metrics.items()}
    rows: tuple[Row, ...] = tuple(
        (_label(spec, name), *(_cell(found[run][spec.name], name) for run in found)) for spec, name in labels
    )
    yield Table("plugin_metrics", "Metrics of plugins of each", ("metric", *found), rows)
    rows = tuple(
        (
            _label(spec, name),
            *(_number(spec, comparison.differences[run].get((spec.name, name), MetricValue(None))) for run in others),
        )
        for spec, name in labels
    )
    title = f"Metrics of plugins: paired differences, more than {first}"
    yield Table("plugin_differences", title, ("metric", *others), rows)


def _label(spec: MetricSpec, name: str) -> str:
    return f"{metric_heading(spec)}, {name}" if name else metric_heading(spec)


def _cell(metric: PluginMetric, name: str = "") -> Cell:
    value = metric.values.get(name, MetricValue(None))
    return FAILED if metric.fault and value.value is None else _number(metric.spec, value)


def _number(spec: MetricSpec, value: MetricValue) -> Number:
    is_share = spec.unit == "%"
    return Number(value.value, value.interval, scale=100 if is_share else 1, decimals=spec.decimals)


def _note(metric: PluginMetric) -> str:
    return metric.fault or next((each.no_interval for each in metric.values.values() if each.no_interval), "")


def _notes(metrics: Sequence[PluginMetric], name: str) -> Iterator[str]:
    """Yield why metrics have no interval in a class, each reason once."""
    reasons: Mapping[str, None] = dict.fromkeys(
        each.fault or each.values[name].no_interval or "" for each in metrics if name in each.values
    )
    yield from reasons
