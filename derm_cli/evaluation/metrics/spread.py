"""Spread: how metrics differ between models of one plan, as over folds or over seeds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from derm_cli.evaluation.metrics.classification import Evaluation


@dataclass(frozen=True)
class Spread:
    """A metric over so many ``models``: mean, sample standard deviation, which one model has not, and both ends.

    All None without a model that has the metric.
    """

    mean: float | None
    sd: float | None
    lowest: float | None
    highest: float | None
    models: int

    @classmethod
    def of(cls, values: Sequence[float | None]) -> Spread:
        """Return the spread over the models that have the metric: those that are not None."""
        known = [each for each in values if each is not None]
        if not known:
            return cls(None, None, None, None, 0)
        return cls(mean(known), stdev(known) if len(known) > 1 else None, min(known), max(known), len(known))


@dataclass(frozen=True)
class MetricSpreads:
    """The spread of metrics ``overall``, by name, and ``per_class``, by class and name."""

    overall: dict[str, Spread]
    per_class: dict[str, dict[str, Spread]]

    @classmethod
    def of(
        cls, evaluations: Sequence[Evaluation], overall: Collection[str], per_class: Collection[str]
    ) -> MetricSpreads:
        """Return the spread of the metrics that are named, over evaluations of the same classes."""
        by_class = [each.per_class for each in evaluations]
        return cls(
            {name: Spread.of([getattr(each, name) for each in evaluations]) for name in overall},
            {
                label: {name: Spread.of([getattr(each[label], name) for each in by_class]) for name in per_class}
                for label in (by_class[0] if by_class else ())
            },
        )

    def to_json(self, models: str) -> dict[str, Any]:
        """Return all as JSON values, in which the number of models is called ``models``, ``folds`` say."""

        def values(spreads: dict[str, Spread]) -> dict[str, Any]:
            return {name: _values(each, models) for name, each in spreads.items()}

        return {
            "overall": values(self.overall),
            "per_class": {label: values(spreads) for label, spreads in self.per_class.items()},
        }


def _values(spread: Spread, models: str) -> dict[str, Any]:
    values = vars(spread)
    return {(models if name == "models" else name): value for name, value in values.items()}
