"""Compares classifiers on the same test photographs: ``derm runs compare`` without ``--exact``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from derm_cli.console import warn
from derm_cli.errors import RequestError
from derm_cli.evaluation.intervals.resampling import DRAWS
from derm_cli.evaluation.intervals.simultaneous import holm_adjusted
from derm_cli.evaluation.matching import in_names_of
from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.metrics.paired import PairedComparison, paired_comparisons
from derm_cli.evaluation.metrics.plugin_comparison import PluginComparison, compare_plugin_metrics
from derm_cli.evaluation.metrics.severity import Severities
from derm_cli.evaluation.metrics.spread import MetricSpreads
from derm_cli.evaluation.overlap import has_same_answers
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.evaluation.reporting.tables.comparison import comparison_tables
from derm_cli.evaluation.reporting.tables.plugin_metrics import plugin_comparison_tables
from derm_cli.evaluation.reporting.tables.spread import spread_table
from derm_cli.evaluation.reporting.tables.table import Table
from derm_cli.evaluation.shared_patients import with_shared_patients
from derm_cli.plugin import MetricSpec
from derm_cli.plugin.names import quoted
from derm_cli.runs.folder import RunFolder
from derm_cli.taxonomy import class_severity
from derm_cli.workflows.comparing.seeds import seed_groups
from derm_cli.workflows.evaluating.plugin_additions import plugin_metrics
from derm_cli.workflows.evaluating.run_evaluation import is_synthetic, predictions_of_run
from derm_cli.workflows.session import Session

NO_SEVERITIES: Severities = {}
CSV = ".csv"
"""The ending of a predictions table."""


@dataclass(frozen=True)
class ModelComparison:
    """Classifiers judged on the same cases, and how each but the first differs from the first.

    ``title`` says what they were judged on.  ``seeds`` are names of runs, several together, that differ by their seed
    alone (:func:`derm_cli.workflows.comparing.seeds.seed_groups`).
    """

    title: str
    evaluations: dict[str, Evaluation]
    pairings: dict[str, PairedComparison]
    synthetic: bool
    seeds: tuple[tuple[str, ...], ...] = ()
    plugin_metrics: PluginComparison | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what the metrics cannot tell."""
        return tuple(
            f"{name}: no interval for some differences of {_named(classes, len(each.per_class))}: {reason}."
            for name, each in self.pairings.items()
            for reason, classes in each.without_interval.items()
        )

    def tables(self) -> list[Table]:
        """Return a row a classifier, then the differences, then the spread over seeds."""
        of_plugins = plugin_comparison_tables(self.plugin_metrics) if self.plugin_metrics else ()
        return [*comparison_tables(self.evaluations, self.pairings), *of_plugins, *self._seed_tables()]

    def _seed_tables(self) -> Iterator[Table]:
        for number, names in enumerate(self.seeds, start=1):
            title = f"Spread over {len(names)} seeds, all else equal: {', '.join(names)}"
            yield spread_table(f"seeds{number}", title, self._spreads(names))

    def _spreads(self, names: tuple[str, ...]) -> MetricSpreads:
        evaluations = [self.evaluations[name] for name in names]
        return MetricSpreads.of(evaluations, OVERALL_METRICS, ("sensitivity", "specificity", "f1", "auc"))

    def to_json(self) -> dict[str, Any]:
        """Return all metrics as JSON values; ``holm`` are the p-values that hold for all together."""
        adjusted = holm_adjusted([each.p_value for each in self.pairings.values()])
        return {
            "runs": {name: each.to_json() for name, each in self.evaluations.items()},
            "differences": {
                name: each.to_json() | {"holm": value}
                for (name, each), value in zip(self.pairings.items(), adjusted, strict=True)
            },
            "notes": list(self.notes),
            "synthetic": self.synthetic,
            **({"plugin_metrics": self.plugin_metrics.to_json()} if self.plugin_metrics else {}),
            **({"seeds": [self._seed_values(names) for names in self.seeds]} if self.seeds else {}),
        }

    def _seed_values(self, names: tuple[str, ...]) -> dict[str, Any]:
        return {"runs": list(names), **self._spreads(names).to_json("runs")}


def _named(classes: Sequence[str], count: int) -> str:
    return "every class" if len(classes) == count else ", ".join(map(quoted, classes))


def compare_models(session: Session, names: Sequence[str], draws: int = DRAWS) -> ModelComparison:
    """Judge finished runs, or predictions tables of anybody, on their test photographs; pair each with the first.

    A name that ends in ``.csv`` is a table.  Cases and classes that look the same are the same in all
    (:func:`derm_cli.evaluation.matching.in_names_of`).  Raises DermError where cases, labels or classes differ, and
    RequestError where one is named twice.
    """
    tables: dict[str, Predictions] = {}
    paths = [Path(name) for name in names if Path(name).suffix.lower() == CSV]
    for position, path in enumerate(paths):
        for other in paths[:position]:
            if other != path and other.resolve() == path.resolve():
                raise RequestError(f"'{other}' and '{path}' are one file: name what differs.")
    synthetic, title = False, ""
    runs: dict[str, RunFolder] = {}
    for name in names:
        if (path := Path(name)) in paths:
            # The file's name alone, where it tells which.
            label = path.name if [each.name for each in paths].count(path.name) == 1 else name
            table = read_predictions(path)
        else:
            run = session.runs.find(name)
            label, table = run.id, predictions_of_run(run)[0]
            runs[label] = run
            synthetic, title = synthetic or is_synthetic(run), title or f"Test photographs of {run.plan.target}"
        if label in tables:
            raise RequestError(f"'{label}' is named twice: name what differs.")
        for first in list(tables)[:1]:
            table = in_names_of(tables[first], table, (first, label))
        _warn_of_same_answers(label, table, tables)
        tables[label] = table
    title = title or f"Test photographs of {next(iter(tables))}"
    severities = {each.name: class_severity(each) for run in list(runs.values())[:1] for each in run.plan.classes}
    metrics = plugin_metrics(session.registry)
    compared = compare_tables(tables, title, draws, synthetic=synthetic, metrics=metrics, severities=severities)
    return replace(compared, seeds=seed_groups(runs))


def _warn_of_same_answers(label: str, table: Predictions, others: Mapping[str, Predictions]) -> None:
    """Warn of a classifier that answers as another does, case by case: one table under two names, most probably."""
    for name, other in others.items():
        if has_same_answers(table, other):
            warn(f"'{name}' and '{label}' give the same answer to every case: they may be one table under two names.")


def compare_tables(
    tables: Mapping[str, Predictions],
    title: str,
    draws: int = DRAWS,
    seed: int = 0,
    *,
    synthetic: bool = False,
    metrics: tuple[MetricSpec, ...] = (),
    severities: Severities = NO_SEVERITIES,
) -> ModelComparison:
    """Judge two or more tables, and pair each with the first.  Raises DermError as :func:`compare_models` does.

    Cases are of one patient wherever one of the tables says so.  ``metrics`` are those of plugins.
    """
    tables = with_shared_patients(tables)
    first, *others = tables
    pairings = paired_comparisons(tables[first], {name: tables[name] for name in others}, first, intervals=draws > 0)
    evaluations = {name: evaluation_of(table, draws, seed) for name, table in tables.items()}
    of_plugins = compare_plugin_metrics(tables, metrics, severities, draws, seed) if metrics else None
    return ModelComparison(title, evaluations, pairings, synthetic, plugin_metrics=of_plugins)
