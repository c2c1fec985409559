"""The figures that methods are compared by, of pooled out-of-fold predictions, all from the same bootstrap draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.recipes.aligning import aligned
from derm_cli.evaluation.array_types import Flags, Floats, Weights
from derm_cli.evaluation.intervals.resampling import (
    DRAWS,
    Interval,
    Replicates,
    Resampling,
    percentile_interval,
    point_estimates,
)
from derm_cli.evaluation.metrics.calibration import log_losses
from derm_cli.evaluation.metrics.classification import ClassificationMeasure
from derm_cli.evaluation.metrics.metric_table import CALIBRATION_METRICS, OVERALL_METRICS, Metric
from derm_cli.evaluation.predictions import Predictions
from derm_cli.taxonomy import MALIGNANT, LesionClass, class_severity, lies_within

MELANOMA_GROUP = "Malignant:Malignant melanocytic proliferations (Melanoma)"
MELANOMA, ANY_MALIGNANT = "melanoma_sensitivity", "malignant_sensitivity"
SPECIFICITIES = {MELANOMA: 0.80, ANY_MALIGNANT: 0.90}
"""The specificity at which each sensitivity is told."""
FIGURES = (
    OVERALL_METRICS["balanced_accuracy"],
    OVERALL_METRICS["macro_f1"],
    OVERALL_METRICS["auc"],
    Metric(MELANOMA, "melanoma found at 80 % specificity"),
    Metric(ANY_MALIGNANT, "malignant found at 90 % specificity"),
    CALIBRATION_METRICS["log_loss"],
)
"""What every method is told by."""


@dataclass(frozen=True)
class Estimate:
    """A figure or a difference of two, None where undefined, and its 95 % interval, None where it has none."""

    value: float | None
    interval: Interval | None

    @property
    def is_above_zero(self) -> bool:
        """Whether the whole interval is above 0."""
        return self.interval is not None and self.interval.low > 0


@dataclass(frozen=True)
class Comparison:
    """The figures of several methods on the same cases; ``points`` and ``draws`` are by ``method/figure``."""

    points: Mapping[str, float]
    draws: Replicates
    resampling: Resampling

    def figure(self, method: str, figure: str) -> Estimate:
        """Return a figure of a method."""
        key = f"{method}/{figure}"
        return self._estimate(self.points[key], self.draws.get(key))

    def difference(self, method: str, reference: str, figure: str) -> Estimate:
        """Return by how much a figure of a method is above that of the reference, draw by draw (paired bootstrap)."""
        key, other = f"{method}/{figure}", f"{reference}/{figure}"
        differences = self.draws[key] - self.draws[other] if self.draws else None
        return self._estimate(self.points[key] - self.points[other], differences)

    def _estimate(self, value: float, draws: Floats | None) -> Estimate:
        interval = None if draws is None else percentile_interval(draws, self.resampling.method)
        return Estimate(None if np.isnan(value) else float(value), interval)


def compare(
    tables: Mapping[str, Predictions], classes: Sequence[LesionClass], draws: int = DRAWS, seed: int = 0
) -> Comparison:
    """Return the figures of methods by name; each draw takes patients with all their cases, the same for all methods.

    ``classes`` tell which classes are melanoma and which are malignant.  Raises DermError where methods were not
    judged on the same cases.
    """
    reference = next(iter(tables.values()))
    measured = {name: _MethodFigures(aligned(reference, table), classes) for name, table in tables.items()}

    def statistic(weights: Weights) -> Replicates:
        return {
            f"{name}/{figure}": values
            for name, each in measured.items()
            for figure, values in each.replicates(weights).items()
        }

    resampling = Resampling(reference.patients, draws, seed)
    points = {name: float(value) for name, value in point_estimates(statistic, len(reference.labels)).items()}
    return Comparison(points, resampling.map(statistic), resampling)


class _MethodFigures:
    """Computes every figure of one table in each draw."""

    def __init__(self, table: Predictions, classes: Sequence[LesionClass]) -> None:
        assert table.probabilities is not None
        self.classification = ClassificationMeasure(table)
        self.losses = log_losses(table.probabilities, self.classification.truth)
        self.binary: dict[str, SensitivityAt] = {}
        for name, positive in ((MELANOMA, _melanomas(classes)), (ANY_MALIGNANT, _malignant(classes))):
            columns = [each in positive for each in table.classes]
            scores = table.probabilities[:, columns].sum(axis=1)
            self.binary[name] = SensitivityAt(scores, np.isin(table.labels, sorted(positive)), SPECIFICITIES[name])

    def replicates(self, weights: Weights) -> Replicates:
        overall = self.classification.metrics(weights)
        values = {name: overall[f"overall {name}"] for name in ("balanced_accuracy", "macro_f1", "auc")}
        values |= {name: each.of(weights) for name, each in self.binary.items()}
        return values | {"log_loss": weights @ self.losses / weights.sum(axis=1)}


class SensitivityAt:
    """The highest sensitivity of any threshold at which the specificity is what is asked for, or more.

    Cases of one score are referred together.  ``scores`` (n,) are probabilities, ``positive`` (n,) tells what is to be
    found; ``specificity`` is 0..1.
    """

    def __init__(self, scores: Floats, positive: Flags, specificity: float) -> None:
        self.specificity = specificity
        self.order = np.argsort(-scores, kind="stable")
        self.positive = positive[self.order].astype(np.float64)
        ranked = scores[self.order]
        self.ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True)) if len(ranked) else np.array([], dtype=int)

    def of(self, weights: Weights) -> Floats:
        """Return it in each draw, (draws,), for weights (draws, n); NaN where there is none to find, or none else."""
        ordered = np.asarray(weights, dtype=np.float64)[:, self.order]
        found = np.cumsum(ordered * self.positive, axis=1)
        unneeded = np.cumsum(ordered * (1.0 - self.positive), axis=1)
        positives, negatives = found[:, -1:], unneeded[:, -1:]
        allowed = unneeded[:, self.ends] <= (1.0 - self.specificity) * negatives + 1e-9
        best = np.where(allowed, found[:, self.ends], 0.0).max(axis=1)
        defined = (positives[:, 0] > 0) & (negatives[:, 0] > 0)
        return np.where(defined, best / np.maximum(positives[:, 0], 1e-300), np.nan)


def _melanomas(classes: Sequence[LesionClass]) -> set[str]:
    return {each.name for each in classes if any(lies_within(name, MELANOMA_GROUP) for name in each.diagnoses)}


def _malignant(classes: Sequence[LesionClass]) -> set[str]:
    return {each.name for each in classes if class_severity(each) == MALIGNANT}
