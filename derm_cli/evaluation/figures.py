"""How well each class is recognised, in the figures that medical papers give."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.predictions import Predictions


@dataclass(frozen=True)
class ClassFigures:
    """One class against all others.  TP, FP, FN, TN count cases; shares are 0..1, and None where they are undefined.

    - ``support`` = TP + FN, the cases of the class; ``predicted`` = TP + FP, the cases said to be of it
    - ``sensitivity`` (recall) = TP / (TP + FN); None without a case of the class
    - ``specificity`` = TN / (TN + FP); None where every case is of the class
    - ``precision`` (positive predictive value) = TP / (TP + FP); None where the class was never predicted
    - ``f1`` = 2 TP / (2 TP + FP + FN); None only where the class occurs nowhere
    - ``auc``: the chance that a case of the class has a higher probability of it than a case of another class, ties
      counting one half; None without probabilities of the class, or without cases on both sides
    """

    support: int
    predicted: int
    sensitivity: float | None
    specificity: float | None
    precision: float | None
    f1: float | None
    auc: float | None


@dataclass(frozen=True)
class Evaluation:
    """The figures of one predictions table, 0..1.

    - ``accuracy`` = correct cases / cases
    - ``balanced_accuracy`` = mean sensitivity over the classes with a case (Brodersen et al., ICPR 2010)
    - ``weighted_f1`` = sum of support · F1 / cases
    - ``macro_f1`` = mean F1 over the classes that occur as a label or as a prediction
    - ``counts``: int64 (classes, classes), true class by row, predicted class by column, in the order of ``per_class``
    - ``notes``: plain sentences on what is unknown, and why
    """

    cases: int
    accuracy: float
    balanced_accuracy: float
    weighted_f1: float
    macro_f1: float
    per_class: dict[str, ClassFigures]
    counts: npt.NDArray[np.int64]
    notes: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in order."""
        return tuple(self.per_class)

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values: undefined ones are None."""
        return {
            "cases": self.cases,
            "accuracy": self.accuracy,
            "balanced_accuracy": self.balanced_accuracy,
            "weighted_f1": self.weighted_f1,
            "macro_f1": self.macro_f1,
            "per_class": {name: asdict(figures) for name, figures in self.per_class.items()},
            "confusion": {"classes": list(self.classes), "counts": self.counts.tolist()},
            "notes": list(self.notes),
        }


def evaluate(predictions: Predictions) -> Evaluation:
    """Compute every figure of a table of at least one case.  No figure that is undefined becomes a zero."""
    from sklearn.metrics import confusion_matrix

    places = {name: place for place, name in enumerate(predictions.classes)}
    truth = np.array([places[name] for name in predictions.labels.tolist()])
    said = np.array([places[name] for name in predictions.predictions.tolist()])
    counts = confusion_matrix(truth, said, labels=range(len(places)))

    per_class = {name: _of_class(place, counts, truth, predictions) for name, place in places.items()}
    known_f1 = [each.f1 for each in per_class.values() if each.f1 is not None]
    sensitivities = [each.sensitivity for each in per_class.values() if each.sensitivity is not None]
    return Evaluation(
        cases=len(truth),
        accuracy=float((truth == said).mean()),
        balanced_accuracy=float(np.mean(sensitivities)),
        weighted_f1=sum(each.support * (each.f1 or 0.0) for each in per_class.values()) / len(truth),
        macro_f1=float(np.mean(known_f1)),
        per_class=per_class,
        counts=counts,
        notes=tuple(_notes(per_class, predictions)),
    )


def _of_class(
    place: int, counts: npt.NDArray[np.int64], truth: npt.NDArray[np.intp], predictions: Predictions
) -> ClassFigures:
    hits, support, predicted = int(counts[place, place]), int(counts[place].sum()), int(counts[:, place].sum())
    others = len(truth) - support
    scores = None if predictions.probabilities is None else predictions.probabilities[:, place]
    return ClassFigures(
        support=support,
        predicted=predicted,
        sensitivity=_share(hits, support),
        specificity=_share(others - (predicted - hits), others),
        precision=_share(hits, predicted),
        f1=_share(2 * hits, support + predicted),
        auc=None if scores is None else _auc(scores, truth == place),
    )


def _share(part: int, total: int) -> float | None:
    return part / total if total else None


def _auc(scores: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]) -> float | None:
    """Return the area under the ROC curve, the Mann-Whitney statistic (Hanley and McNeil, Radiology 1982)."""
    if positive.all() or not positive.any() or np.isnan(scores).any():
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, scores))


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
    if predictions.probabilities is None:
        notes.append("The table has no probabilities: every AUC is unknown.")
    return notes
