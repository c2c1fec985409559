"""The confusion matrix of a table, or of many draws of it at once, and the metrics that follow from it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.resampling import case_columns


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


def class_metrics(counts: Floats) -> dict[str, Floats]:
    """Return the shares of every class against all others, each (…, classes), in 0..1, NaN where undefined.

    With TP, FP, FN, TN as usual (Altman and Bland, BMJ 1994): sensitivity TP/(TP+FN), specificity TN/(TN+FP),
    precision TP/(TP+FP), npv TN/(TN+FN), f1 2TP/(2TP+FP+FN).
    """
    true_positives, support, predicted, cases = _margins(counts)
    negatives = cases - support
    true_negatives = negatives - (predicted - true_positives)
    return {
        "sensitivity": ratio(true_positives, support),
        "specificity": ratio(true_negatives, negatives),
        "precision": ratio(true_positives, predicted),
        "npv": ratio(true_negatives, cases - predicted),
        "f1": ratio(2 * true_positives, support + predicted),
    }


def overall_metrics(counts: Floats) -> dict[str, Floats]:
    """Return the metrics over all classes, each (…,), NaN where undefined.

    ``accuracy``, ``balanced_accuracy`` (mean sensitivity of the classes with a case; Brodersen et al., ICPR 2010),
    ``weighted_f1``, ``macro_f1`` (over the classes that occur), ``kappa`` (Cohen 1960) and ``mcc``, the multi-class
    correlation coefficient (Gorodkin 2004).
    """
    true_positives, support, predicted, cases = _margins(counts)
    total, correct = cases[..., 0], true_positives.sum(axis=-1)
    by_class = class_metrics(counts)
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


def _margins(counts: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return true positives, support and predictions of each class, and all cases, each (…, classes)."""
    support, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    cases = np.broadcast_to(support.sum(axis=-1, keepdims=True), support.shape)
    return np.diagonal(counts, axis1=-2, axis2=-1), support, predicted, cases
