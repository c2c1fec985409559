"""The confusion matrix of a table, or of many draws of it at once, and the metrics that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.resampling import case_columns, weights_of_cases


@dataclass(frozen=True)
class Margins:
    """What metrics need of a confusion matrix: of each class its true positives, its cases and its predictions.

    Each is (…, classes), whole numbers.  Those of many draws take memory that grows with the classes, where the
    matrices would take their square.
    """

    true_positives: Floats
    support: Floats
    predicted: Floats

    @classmethod
    def of_matrix(cls, counts: Floats) -> Margins:
        """Return the margins of confusion matrices, (…, classes, classes)."""
        return cls(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1), counts.sum(axis=-2))

    @classmethod
    def of_cases(cls, truth: Indices, predicted: Indices, shape: tuple[int, ...], weights: Weights) -> Margins:
        """Return the margins of each draw, (draws, *shape): ``weights`` (draws, n) tell how often it has each case.

        ``truth`` and ``predicted`` (n,) are the cases' cells in a table of ``shape``, whose last axis is the classes.
        """
        correct = np.flatnonzero(truth == predicted)
        return cls(
            count_cells(truth[correct], shape, weights_of_cases(weights, correct)),
            count_cells(truth, shape, weights),
            count_cells(predicted, shape, weights),
        )

    @property
    def cases(self) -> Floats:
        """The number of cases, (…, classes), the same for every class."""
        return np.broadcast_to(self.support.sum(axis=-1, keepdims=True), self.support.shape)


def confusion_matrix(cells: Indices, classes: int, weights: Weights | None = None) -> Floats:
    """Return how often each class (row) was predicted as each class (column), (…, classes, classes).

    ``cells`` (n,) are the cases' cells in the matrix, true class · classes + predicted class; ``weights`` (draws, n)
    tell how often a draw has each case, and give a matrix a draw.
    """
    return count_cells(cells, (classes, classes), weights)


def count_cells(cells: Indices, shape: tuple[int, ...], weights: Weights | None = None) -> Floats:
    """Return how often each cell of a table of ``shape`` occurs, (…, *shape), as :func:`confusion_matrix` has it."""
    from scipy.sparse import csc_array

    size = int(np.prod(shape))
    if weights is None:
        return np.asarray(np.bincount(cells, minlength=size).reshape(shape), dtype=np.float64)
    # A product with a sparse matrix of ones counts for all draws at once, and on all cores: bincount holds Python's
    # interpreter.
    columns = case_columns(weights)
    ones, starts = np.ones(len(cells), dtype=columns.dtype), np.arange(len(cells) + 1)
    counts = csc_array((ones, cells, starts), shape=(size, len(cells))) @ columns
    return np.ascontiguousarray(counts.T, dtype=np.float64).reshape(-1, *shape)


def ratio(part: npt.ArrayLike, total: npt.ArrayLike) -> Floats:
    """Return ``part / total``, NaN where ``total`` is 0: a share of nothing is undefined."""
    total = np.asarray(total, dtype=np.float64)
    return np.asarray(np.divide(part, total, out=np.full(total.shape, np.nan), where=total != 0))


def class_metrics(margins: Margins) -> dict[str, Floats]:
    """Return the shares of every class against all others, each (…, classes), in 0..1, NaN where undefined.

    With TP, FP, FN, TN as usual (Altman and Bland, BMJ 1994): sensitivity TP/(TP+FN), specificity TN/(TN+FP),
    precision TP/(TP+FP), npv TN/(TN+FN), f1 2TP/(2TP+FP+FN).
    """
    true_positives, support, predicted = margins.true_positives, margins.support, margins.predicted
    cases = margins.cases
    negatives = cases - support
    true_negatives = negatives - (predicted - true_positives)
    return {
        "sensitivity": ratio(true_positives, support),
        "specificity": ratio(true_negatives, negatives),
        "precision": ratio(true_positives, predicted),
        "npv": ratio(true_negatives, cases - predicted),
        "f1": ratio(2 * true_positives, support + predicted),
    }


def overall_metrics(margins: Margins) -> dict[str, Floats]:
    """Return the metrics over all classes, each (…,), NaN where undefined.

    ``accuracy``, ``balanced_accuracy`` (mean sensitivity of the classes with a case; Brodersen et al., ICPR 2010),
    ``weighted_f1``, ``macro_f1`` (over the classes that occur), ``kappa`` (Cohen 1960) and ``mcc``, the multi-class
    correlation coefficient (Gorodkin 2004).
    """
    support, predicted = margins.support, margins.predicted
    total, correct = support.sum(axis=-1), margins.true_positives.sum(axis=-1)
    by_class = class_metrics(margins)
    chance = (support * predicted).sum(axis=-1)
    spread = [total**2 - (margin * margin).sum(axis=-1) for margin in (support, predicted)]
    return {
        "accuracy": ratio(correct, total),
        "balanced_accuracy": mean_defined(by_class["sensitivity"]),
        "weighted_f1": ratio((support * np.nan_to_num(by_class["f1"])).sum(axis=-1), total),
        "macro_f1": mean_defined(by_class["f1"]),
        "kappa": ratio(correct * total - chance, total**2 - chance),
        "mcc": ratio(correct * total - chance, np.sqrt(spread[0] * spread[1])),
    }


def mean_defined(values: Floats) -> Floats:
    """Return the mean over the last axis of what is defined, NaN where nothing is."""
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0).sum(axis=-1), defined.sum(axis=-1))
