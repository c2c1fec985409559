"""How well probabilities rank the cases of a class above the others: of a table, or of many draws at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.confusion import over, tally

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Weights = npt.NDArray[Any]


@dataclass(frozen=True)
class Ranking:
    """The cases of a class among all n, sorted once by their probability so that each draw only weighs them.

    ``cases`` (p,) are those of the class, by rising probability.  All cases in that order are cut into ``segments``
    at each case of the class, and ``segment`` (n,) tells in which each lies.  ``below`` (p,) counts the segments of a
    lower probability than each of ``cases``.  Where two cases have the same, ``upto`` (p,) counts those of no higher
    one, and ``own_below`` the class's own cases of a lower; None where no two have.
    """

    cases: Places
    segments: int
    segment: Places
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
        segment = np.empty(len(order), dtype=np.intp)
        segment[order] = np.repeat(np.arange(len(marks) - 1), np.diff(marks))
        ties = (upto, own_below) if tied else (None, None)
        return cls(cases, len(marks) - 1, segment, below, *ties)

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
        # Where nothing is said to be of the class, its cases weigh nothing either.
        said = np.maximum(everything[:, -1:] - below, 1)
        recalled = np.einsum("ij,ij,ij->i", counted, own[:, -1:] - own_below, 1 / said)
        return self._auc(*sums), over(recalled, own[:, -1])

    def _sums(self, weights: Weights) -> tuple[Floats, Floats, Floats]:
        """Return the weights of the class's cases, the sums up to each segment, and those at ``below``."""
        everything = _summed(tally(self.segment, (self.segments,), weights))
        counted = np.ascontiguousarray(weights.T[self.cases].T, dtype=np.float64)
        return counted, everything, np.take(everything, self.below, axis=1)

    def _auc(self, counted: Floats, everything: Floats, below: Floats) -> Floats:
        upto = below + counted if self.upto is None else np.take(everything, self.upto, axis=1)
        positive, total = counted.sum(axis=1), everything[:, -1]
        # Of all pairs those of the class with itself, of which each counts one half, are none that it could win.
        won = np.einsum("ij,ij->i", counted, below + upto) - positive**2
        return over(won / 2, positive * (total - positive))


def _summed(weights: Floats) -> Floats:
    """Return the running sums, from 0: (draws, n + 1)."""
    sums = np.zeros((weights.shape[0], weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums
