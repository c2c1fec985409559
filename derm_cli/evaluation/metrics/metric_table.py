"""Every metric by its name: its title, its scale, and whether more or less of it is better.

The terminal, CSV, LaTeX, the page, cross-validation and comparisons all take their headings from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Scale:
    """How a metric is shown: its value times ``factor``, with ``decimals``, and ``unit`` behind its title."""

    factor: float
    decimals: int
    unit: str = ""


PERCENT = Scale(100.0, 1, " %")
"""A share in 0..1."""
COEFFICIENT = Scale(1.0, 3)
"""-1..1, 0 for what chance alone would give."""
BRIER = Scale(1.0, 4, ", 0 to 2")
NATS = Scale(1.0, 4, ", nats")
MEAN_COUNT = Scale(1.0, 2)
SLOPE = Scale(1.0, 2)
PER_HUNDRED = Scale(100.0, 2, ", per 100")


@dataclass(frozen=True)
class Metric:
    """A metric: ``name`` as in evaluation.json, ``title`` as a column is headed."""

    name: str
    title: str
    scale: Scale = PERCENT
    better: Literal["higher", "lower"] = "higher"

    @property
    def heading(self) -> str:
        """The title with the unit: ``sensitivity %``."""
        return self.title + self.scale.unit


def _by_name(*metrics: Metric) -> dict[str, Metric]:
    return {each.name: each for each in metrics}


CLASS_METRICS = _by_name(
    Metric("sensitivity", "sensitivity"),
    Metric("specificity", "specificity"),
    Metric("precision", "PPV"),
    Metric("npv", "NPV"),
    Metric("f1", "F1"),
    Metric("auc", "AUC"),
    Metric("average_precision", "AP"),
)
"""Those of a class, or of a question with two answers: what is to be found against all else."""
OVERALL_METRICS = _by_name(
    Metric("accuracy", "accuracy"),
    Metric("balanced_accuracy", "balanced accuracy"),
    Metric("weighted_f1", "weighted F1"),
    Metric("macro_f1", "macro F1"),
    Metric("kappa", "Cohen's kappa", COEFFICIENT),
    Metric("mcc", "Matthews correlation", COEFFICIENT),
    Metric("auc", "mean AUC"),
    Metric("top3", "top-3 accuracy"),
)
"""Those over all classes, in the order of evaluation.json."""
CALIBRATION_METRICS = _by_name(
    Metric("ece", "expected calibration error", better="lower"),
    Metric("brier", "Brier score", BRIER, better="lower"),
    Metric("log_loss", "log loss", NATS, better="lower"),
)
CALIBRATION_SLOPE_METRICS = _by_name(
    Metric("slope", "calibration slope", SLOPE),
    Metric("intercept", "intercept", SLOPE),
)
"""Best where they are 1 and 0: neither more nor less of them is better."""
PARTIAL_AUC_METRICS = _by_name(
    Metric("sensitivity", "sensitivity"),
    Metric("partial_auc", "partial AUC"),
)
NET_BENEFIT_METRICS = _by_name(
    Metric("net_benefit", "net benefit", PER_HUNDRED),
    Metric("refer_all", "of referring all", PER_HUNDRED),
    Metric("gain", "more than referring all", PER_HUNDRED),
)
PREDICTION_SET_METRICS = _by_name(
    Metric("coverage", "coverage"),
    Metric("size", "classes in a set", MEAN_COUNT, better="lower"),
)
