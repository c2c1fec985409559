"""Figures that follow from how often each class was taken for each other: of a table, or of many draws at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.resampling import columns_of

Floats = npt.NDArray[np.float64]


def confusion(cells: npt.NDArray[np.intp], classes: int, weights: npt.NDArray[Any] | None = None) -> Floats:
    """Return how often each class (row) was said to be each class (column), (…, classes, classes).

    ``cells`` (n,) are places in the matrix, true class · classes + predicted class; ``weights`` (draws, n) tell how
    often a draw has each case, and give a matrix a draw.
    """
    return tally(cells, (classes, classes), weights)


def tally(cells: npt.NDArray[np.intp], shape: tuple[int, ...], weights: npt.NDArray[Any] | None = None) -> Floats:
    """Return how often each cell of a table of ``shape`` occurs, (…, *shape), as :func:`confusion` has it."""
    from scipy.sparse import csc_array

    size = int(np.prod(shape))
    if weights is None:
        return np.asarray(np.bincount(cells, minlength=size).reshape(shape), dtype=np.float64)
    # A product with a sparse matrix of ones counts for all draws at once, and on all cores: bincount holds Python's
    # interpreter.
    columns = columns_of(weights)
    ones, starts = np.ones(len(cells), dtype=columns.dtype), np.arange(len(cells) + 1)
    counted = csc_array((ones, cells, starts), shape=(size, len(cells))) @ columns
    return np.ascontiguousarray(counted.T, dtype=np.float64).reshape(-1, *shape)


def over(part: npt.ArrayLike, total: npt.ArrayLike) -> Floats:
    """Return ``part / total``, NaN where ``total`` is 0: a figure of nothing is unknown."""
    total = np.asarray(total, dtype=np.float64)
    return np.asarray(np.divide(part, total, out=np.full(total.shape, np.nan), where=total != 0))


def class_shares(counts: Floats) -> dict[str, Floats]:
    """Return the shares of every class against all others, each (…, classes), in 0..1, NaN where undefined.

    With TP, FP, FN, TN as usual (Altman and Bland, BMJ 1994): sensitivity TP/(TP+FN), specificity TN/(TN+FP),
    precision TP/(TP+FP), npv TN/(TN+FN), f1 2TP/(2TP+FP+FN).
    """
    hits, support, predicted, cases = _margins(counts)
    others = cases - support
    rejected = others - (predicted - hits)
    return {
        "sensitivity": over(hits, support),
        "specificity": over(rejected, others),
        "precision": over(hits, predicted),
        "npv": over(rejected, cases - predicted),
        "f1": over(2 * hits, support + predicted),
    }


def overall_shares(counts: Floats) -> dict[str, Floats]:
    """Return the figures over all classes, each (…,), NaN where undefined.

    ``accuracy``, ``balanced_accuracy`` (mean sensitivity of the classes with a case; Brodersen et al., ICPR 2010),
    ``weighted_f1``, ``macro_f1`` (over the classes that occur), ``kappa`` (Cohen 1960) and ``mcc``, the multi-class
    correlation coefficient (Gorodkin 2004).
    """
    hits, support, predicted, cases = _margins(counts)
    total, correct = cases[..., 0], hits.sum(axis=-1)
    shares = class_shares(counts)
    chance = (support * predicted).sum(axis=-1)
    spread = [total**2 - (each * each).sum(axis=-1) for each in (support, predicted)]
    return {
        "accuracy": over(correct, total),
        "balanced_accuracy": mean_known(shares["sensitivity"]),
        "weighted_f1": over((support * np.nan_to_num(shares["f1"])).sum(axis=-1), total),
        "macro_f1": mean_known(shares["f1"]),
        "kappa": over(correct * total - chance, total**2 - chance),
        "mcc": over(correct * total - chance, np.sqrt(spread[0] * spread[1])),
    }


def mean_known(figures: Floats) -> Floats:
    """Return the mean over the last axis of what is known, NaN where nothing is."""
    known = ~np.isnan(figures)
    return over(np.where(known, figures, 0.0).sum(axis=-1), known.sum(axis=-1))


def _margins(counts: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    support, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    cases = np.broadcast_to(support.sum(axis=-1, keepdims=True), support.shape)
    return np.diagonal(counts, axis1=-2, axis2=-1), support, predicted, cases
