"""How well each class is recognised, in the figures that medical papers give, each with its interval."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.confusion import class_shares, confusion, mean_known, overall_shares
from derm_cli.evaluation.metrics.ranking import Ranking
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import DRAWS, Drawn, Interval, Resampling, of_proportion, percentiles, point

TOP = 3
Floats = npt.NDArray[np.float64]
Intervals = dict[str, Interval]


@dataclass(frozen=True)
class ClassFigures:
    """One class against all others.  TP, FP, FN, TN count cases; shares are 0..1, and None where they are undefined.

    - ``support`` = TP + FN, the cases of the class; ``predicted`` = TP + FP, the cases said to be of it
    - ``sensitivity`` (recall) = TP / (TP + FN); None without a case of the class
    - ``specificity`` = TN / (TN + FP); None where every case is of the class
    - ``precision`` (positive predictive value) = TP / (TP + FP); None where the class was never predicted
    - ``npv`` (negative predictive value) = TN / (TN + FN); None where only the class was predicted
    - ``f1`` = 2 TP / (2 TP + FP + FN); None only where the class occurs nowhere
    - ``auc``: the chance that a case of the class has a higher probability of it than a case of another class, ties
      counting one half; None without probabilities of the class, or without cases on both sides
    - ``average_precision``: the sum of the precision at each threshold, weighed by the step of recall; None likewise
    - ``intervals``: those of the shares that are defined, 95 %
    """

    support: int
    predicted: int
    sensitivity: float | None
    specificity: float | None
    precision: float | None
    npv: float | None
    f1: float | None
    auc: float | None
    average_precision: float | None
    intervals: Intervals = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """The figures of one predictions table, 0..1 unless told otherwise, None where undefined.

    - ``accuracy`` = correct cases / cases
    - ``balanced_accuracy`` = mean sensitivity over the classes with a case (Brodersen et al., ICPR 2010)
    - ``weighted_f1`` = sum of support · F1 / cases
    - ``macro_f1`` = mean F1 over the classes that occur as a label or as a prediction
    - ``kappa`` (Cohen 1960) and ``mcc`` (Matthews, for several classes: Gorodkin 2004), -1..1
    - ``auc``: mean AUC over the classes that have one; ``top3`` = cases whose class is among the three most probable /
      cases, None for three classes or fewer
    - ``counts``: int64 (classes, classes), true class by row, predicted class by column, in the order of ``per_class``
    - ``patients``: the number of patients by which the bootstrap draws, None where cases are drawn one by one
    - ``notes``: plain sentences on what is unknown, and why
    """

    cases: int
    accuracy: float
    balanced_accuracy: float
    weighted_f1: float
    macro_f1: float
    kappa: float | None
    mcc: float | None
    auc: float | None
    top3: float | None
    per_class: dict[str, ClassFigures]
    counts: npt.NDArray[np.int64]
    notes: tuple[str, ...]
    patients: int | None = None
    intervals: Intervals = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in order."""
        return tuple(self.per_class)

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values: undefined ones are None, an interval is a list of its two ends."""
        return {
            **{name: getattr(self, name) for name in ("cases", "patients", *OVERALL)},
            "intervals": _ends(self.intervals),
            "per_class": {
                name: asdict(figures) | {"intervals": _ends(figures.intervals)}
                for name, figures in self.per_class.items()
            },
            "confusion": {"classes": list(self.classes), "counts": self.counts.tolist()},
            "notes": list(self.notes),
        }


OVERALL = ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "kappa", "mcc", "auc", "top3")


def evaluate(predictions: Predictions, draws: int = DRAWS, seed: int = 0) -> Evaluation:
    """Compute every figure of a table of at least one case.  No figure that is undefined becomes a zero.

    ``draws`` of the bootstrap give the intervals of what is no proportion, and of everything where patients have
    several cases; 0 leaves the intervals out.
    """
    table, resampling = ClassTable(predictions), Resampling(predictions.groups, draws, seed)
    return table.evaluation(resampling.map(table.figures), resampling.method)


class ClassTable:
    """A predictions table made ready for its figures to be computed on many draws of its cases."""

    def __init__(self, predictions: Predictions) -> None:
        self.predictions = predictions
        truth, said = predictions.places(predictions.labels), predictions.places(predictions.predictions)
        self.classes, self.cases = len(predictions.classes), len(truth)
        self.cells = truth * self.classes + said
        found = predictions.probabilities
        self.rankings = [
            None if found is None else Ranking.of(found[:, place], truth == place) for place in range(self.classes)
        ]
        self.within_top = _within_top(found, truth)

    def figures(self, weights: npt.NDArray[Any]) -> Drawn:
        """Return every figure of each draw: of each class (draws, classes), over all classes ``overall …`` (draws,)."""
        counts = confusion(self.cells, self.classes, weights)
        nothing = np.full(len(weights), np.nan)
        ranked = [(nothing, nothing) if each is None else each.figures(weights) for each in self.rankings]
        auc, precision = (np.stack(each, axis=1) for each in zip(*ranked, strict=True))
        within = nothing if self.within_top is None else weights @ self.within_top / weights.sum(axis=1)
        overall = overall_shares(counts) | {"auc": mean_known(auc), "top3": within}
        return {
            **class_shares(counts),
            "auc": auc,
            "average_precision": precision,
            **{f"overall {name}": each for name, each in overall.items()},
        }

    def evaluation(self, drawn: Drawn, method: Literal["bootstrap", "patients"]) -> Evaluation:
        """Return the table's figures, with the intervals that ``drawn`` gives, which may be empty."""
        found, counts = point(self.figures, self.cases), confusion(self.cells, self.classes).astype(np.int64)
        names = self.predictions.classes
        per_class = {name: _of_class(place, counts, found, drawn, method) for place, name in enumerate(names)}
        overall = {name: known(found[f"overall {name}"]) for name in OVERALL}
        intervals = {name: percentiles(drawn[f"overall {name}"], method) for name in OVERALL if drawn}
        for name in ("accuracy", "top3") if drawn else ():
            hits = round((overall[name] or 0.0) * self.cases)
            intervals[name] = of_proportion(hits, self.cases, drawn[f"overall {name}"], method)
        return Evaluation(
            cases=self.cases,
            **overall,  # type: ignore[arg-type]
            per_class=per_class,
            counts=counts,
            notes=tuple(_notes(per_class, self.predictions)),
            patients=int(self.predictions.groups.max()) + 1 if method == "patients" else None,
            intervals=_told(intervals, overall),
        )


def _within_top(found: Floats | None, truth: npt.NDArray[np.intp]) -> Floats | None:
    """Tell of each case whether its class is among the most probable, a tie to its disadvantage; 1.0 or 0.0."""
    if found is None or found.shape[1] <= TOP or np.isnan(found).any():
        return None
    own = found[np.arange(len(truth)), truth]
    return np.asarray((found >= own[:, np.newaxis]).sum(axis=1) <= TOP, dtype=np.float64)


def _of_class(
    place: int, counts: npt.NDArray[np.int64], found: Drawn, drawn: Drawn, method: Literal["bootstrap", "patients"]
) -> ClassFigures:
    hits, support, predicted = int(counts[place, place]), int(counts[place].sum()), int(counts[:, place].sum())
    others = int(counts.sum()) - support
    rejected = others - (predicted - hits)
    parts = {
        "sensitivity": (hits, support),
        "specificity": (rejected, others),
        "precision": (hits, predicted),
        "npv": (rejected, rejected + support - hits),
    }
    figures = {name: known(found[name][place]) for name in (*parts, "f1", "auc", "average_precision")}
    intervals: dict[str, Interval | None] = {}
    for name in figures if drawn else ():
        of = drawn[name][:, place]
        intervals[name] = of_proportion(*parts[name], of, method) if name in parts else percentiles(of, method)
    return ClassFigures(support, predicted, **figures, intervals=_told(intervals, figures))


def known(value: Any) -> float | None:
    """Return a figure, None for the NaN of one that is undefined."""
    return None if np.isnan(value) else float(value)


def _told(intervals: dict[str, Interval | None], figures: dict[str, float | None]) -> Intervals:
    """Leave out the intervals of what is undefined, and those without width.

    Where nothing of a few was right, no draw differs; that does not make it sure.
    """
    return {
        name: each
        for name, each in intervals.items()
        if each is not None and figures[name] is not None and each.low < each.high
    }


def _ends(intervals: Intervals) -> dict[str, list[float | str]]:
    return {name: each.to_json() for name, each in intervals.items()}


def _notes(per_class: dict[str, ClassFigures], predictions: Predictions) -> list[str]:
    notes = []
    for place, (name, figures) in enumerate(per_class.items()):
        if not figures.support:
            notes.append(f"No test photograph of '{name}': its sensitivity is unknown.")
        if not figures.predicted:
            notes.append(f"'{name}' was never predicted: its precision is unknown.")
        if figures.specificity is None:
            notes.append(f"Every test photograph is of '{name}': its specificity is unknown.")
        if predictions.probabilities is not None and np.isnan(predictions.probabilities[:, place]).any():
            notes.append(f"No probabilities of '{name}': its AUC is unknown.")
    if (contradicting := _contradicting(predictions)) > 0:
        notes.append(
            f"In {contradicting} of {len(predictions.labels)} cases the prediction is not the most probable class: "
            "AUC, calibration and thresholds go by the probabilities, all else by the predictions."
        )
    if predictions.probabilities is None:
        notes.append("The table has no probabilities: every AUC is unknown.")
    return notes


def _contradicting(predictions: Predictions) -> int:
    """Count the cases with a class more probable than that which is predicted."""
    found = predictions.probabilities
    if found is None or np.isnan(found).any():
        return 0
    said = found[np.arange(len(found)), predictions.places(predictions.predictions)]
    return int((said < found.max(axis=1)).sum())
