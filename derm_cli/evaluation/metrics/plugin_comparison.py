"""The metrics of plugins of several classifiers on the same cases, and how each differs from the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from derm_cli.evaluation.intervals.resampling import DRAWS, Resampling
from derm_cli.evaluation.measure import EvaluationInput
from derm_cli.evaluation.metrics.plugin_metrics import MetricValue, PluginMeasure, PluginMetric
from derm_cli.evaluation.metrics.severity import Severities
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin import MetricSpec


@dataclass(frozen=True)
class PluginComparison:
    """The ``metrics`` of each classifier by its name, the first of which all others are compared with.

    ``differences`` has for each of the others, by metric and class ('' for all cases), what it has more than the first.
    """

    metrics: Mapping[str, tuple[PluginMetric, ...]]
    differences: Mapping[str, Mapping[tuple[str, str], MetricValue]]

    def to_json(self) -> dict[str, Any]:
        """Return both as JSON values."""
        return {
            "runs": {run: {each.spec.name: each.to_json() for each in found} for run, found in self.metrics.items()},
            "differences": {
                run: [
                    {"metric": metric, "class": name or None, **each.to_json()}
                    for (metric, name), each in found.items()
                ]
                for run, found in self.differences.items()
            },
        }


def compare_plugin_metrics(
    tables: Mapping[str, Predictions],
    specs: tuple[MetricSpec, ...],
    severities: Severities,
    draws: int = DRAWS,
    seed: int = 0,
) -> PluginComparison | None:
    """Return the metrics of plugins of tables of the same cases, with differences from the same draws.

    None without any metric, or where a table has no probability of every class.
    """
    ordered = _in_one_order(tables)
    measures = {
        name: PluginMeasure.of(EvaluationInput(table, severities, metrics=specs)) for name, table in ordered.items()
    }
    known = {name: each for name, each in measures.items() if each is not None}
    if not specs or len(known) < len(measures):
        return None
    first = next(iter(ordered))
    resampling = Resampling(ordered[first].patients, draws, seed, ordered[first].group_word)
    drawn = {name: resampling.map(each.replicates) for name, each in known.items()}
    metrics = {name: each.result(drawn[name], resampling.method).metrics for name, each in known.items()}
    differences = {}
    for name in list(known)[1:]:
        found: dict[tuple[str, str], MetricValue] = {}
        for one, other in zip(metrics[first], metrics[name], strict=True):
            for index, key in enumerate(one.values):
                before, after = one.values[key].value, other.values[key].value
                if before is None or after is None:
                    continue
                more = MetricValue(after - before)
                if draws and not (one.fault or other.fault):
                    of_draws = (drawn[name][one.spec.name] - drawn[first][one.spec.name])[:, index]
                    interval, why = known[first].interval(key, of_draws, resampling.method)
                    more = replace(more, interval=interval, no_interval=why)
                found[one.spec.name, key] = more
        differences[name] = found
    return PluginComparison(metrics, differences)


def _in_one_order(tables: Mapping[str, Predictions]) -> dict[str, Predictions]:
    """Return the tables with cases and classes in the order of the first, and its patients."""
    first = next(iter(tables.values()))
    ordered = {}
    for name, table in tables.items():
        row_of = {case: row for row, case in enumerate(table.case_ids)}
        rows = np.array([row_of[case] for case in first.case_ids], dtype=np.intp)
        columns = [table.classes.index(each) for each in first.classes]
        probabilities = table.probabilities
        ordered[name] = replace(
            table,
            classes=first.classes,
            case_ids=first.case_ids,
            labels=table.labels[rows],
            predictions=table.predictions[rows],
            probabilities=None if probabilities is None else probabilities[rows][:, columns],
            metadata=first.metadata,
        )
    return ordered
