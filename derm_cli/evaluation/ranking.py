"""How well probabilities rank the cases of a class above the others: of a table, or of many draws at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.counting import over

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Weights = npt.NDArray[np.integer]

SPARSE = 0.2
"""The share of marks below which sums between them are faster than running sums of everything, as measured."""


@dataclass(frozen=True)
class Ranking:
    """The cases of a class among all n, sorted once by their probability so that each draw only weighs them.

    ``order`` (n,) sorts all cases; ``cases`` (p,) are those of the class in that order.  ``marks`` are the places in
    that order, from 0 to n, up to which weights are summed, and ``below`` (p,) the place among them of all cases with a
    lower probability than each.  Where two cases have the same, ``upto`` (p,) is the place of those with no higher one,
    and ``own_below`` the number of the class's own with a lower; None where no two have.
    """

    order: Places
    cases: Places
    marks: Places
    below: Places
    upto: Places | None
    own_below: Places | None

    @classmethod
    def of(cls, scores: Floats, positive: npt.NDArray[np.bool_]) -> Ranking | None:
        """Sort cases by ``scores`` (n,); None where one is unknown (NaN), or where all or none are ``positive``."""
        if np.isnan(scores).any() or positive.all() or not positive.any():
            return None
        order = np.argsort(scores, kind="stable")
        cases = order[positive[order]]
        ranked, own = scores[order], scores[cases]
        below, upto = ranked.searchsorted(own, "left"), ranked.searchsorted(own, "right")
        tied = bool((np.diff(ranked) == 0).any())
        marks = np.unique(np.concatenate([[0], below, upto if tied else below, [len(order)]]))
        below, upto = marks.searchsorted(below), marks.searchsorted(upto)
        own_below = own.searchsorted(own, "left")
        return cls(order, cases, marks, below, upto if tied else None, own_below if tied else None)

    def auc(self, weights: Weights) -> Floats:
        """Return the area under the ROC curve of each draw, (draws,), for ``weights`` (draws, n).

        The Mann-Whitney statistic, ties counting one half (Hanley and McNeil, Radiology 1982); NaN where a draw has no
        case on one side.
        """
        return self._auc(*self._sums(weights))

    def figures(self, weights: Weights) -> tuple[Floats, Floats]:
        """Return the AUC and the average precision of each draw, (draws,), for ``weights`` (draws, n).

        Average precision is the sum of precision over the steps of recall, without interpolation.
        """
        counted, everything, below = sums = self._sums(weights)
        own = _summed(counted)
        own_below = own[:, :-1] if self.own_below is None else np.take(own, self.own_below, axis=1)
        precision = over(own[:, -1:] - own_below, everything[:, -1:] - below)
        recalled = (counted * np.nan_to_num(precision)).sum(axis=1)
        return self._auc(*sums), over(recalled, own[:, -1])

    def _sums(self, weights: Weights) -> tuple[Weights, Weights, Weights]:
        """Return the weights of the class's cases, the running sums of all at the marks, and those at ``below``."""
        ordered = np.take(weights, self.order, axis=1)
        if len(self.marks) < self.order.size * SPARSE:
            everything = _summed(np.add.reduceat(ordered, self.marks[:-1], axis=1, dtype=np.int32))
        else:
            everything = np.take(_summed(ordered), self.marks, axis=1)
        return np.take(weights, self.cases, axis=1), everything, np.take(everything, self.below, axis=1)

    def _auc(self, counted: Weights, everything: Weights, below: Weights) -> Floats:
        upto = below + counted if self.upto is None else np.take(everything, self.upto, axis=1)
        positive = counted.sum(axis=1, dtype=np.int64)
        total = everything[:, -1].astype(np.int64)
        # Of all pairs those of the class with itself, of which each counts one half, are none that it could win.
        won = (counted * (below.astype(np.int64) + upto)).sum(axis=1) - positive**2
        return over(won / 2, positive * (total - positive))


def _summed(weights: Weights) -> npt.NDArray[np.int32]:
    """Return the running sums, from 0: (draws, n + 1)."""
    sums = np.zeros((weights.shape[0], weights.shape[1] + 1), dtype=np.int32)
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums
