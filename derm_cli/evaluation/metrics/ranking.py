"""AUC and average precision: how well probabilities rank the cases of a class above the others, for many draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices, Weights
from derm_cli.evaluation.intervals.resampling import weights_of_cases
from derm_cli.evaluation.metrics.confusion import count_cells, ratio


@dataclass(frozen=True)
class Ranking:
    """The cases of a class among all n, sorted once by their probability so that each draw only weighs them.

    ``cases`` (p,) are those of the class, by rising probability.  All cases in that order are cut into ``segments``
    at each case of the class, and ``segment`` (n,) tells in which each lies.  ``below`` (p,) counts the segments of a
    lower probability than each of ``cases``.  Where two cases have the same, ``upto`` (p,) counts those of no higher
    one, and ``own_below`` the class's own cases of a lower; None where no two have.
    """

    cases: Indices
    segments: int
    segment: Indices
    below: Indices
    upto: Indices | None
    own_below: Indices | None

    @classmethod
    def of(cls, scores: Floats, positive: Flags) -> Ranking | None:
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

    def auc_and_average_precision(self, weights: Weights) -> tuple[Floats, Floats]:
        """Return the AUC and the average precision of each draw, (draws,), for ``weights`` (draws, n).

        Average precision is the sum of precision over the steps of recall, without interpolation.
        """
        own_weights, all_sums, below_sums = sums = self._sums(weights)
        own_sums = _running_sums(own_weights)
        own_below = own_sums[:, :-1] if self.own_below is None else np.take(own_sums, self.own_below, axis=1)
        # Where nothing is predicted to be of the class, its cases weigh nothing either.
        predicted = np.maximum(all_sums[:, -1:] - below_sums, 1)
        summed_precision = np.einsum("ij,ij,ij->i", own_weights, own_sums[:, -1:] - own_below, 1 / predicted)
        return self._auc(*sums), ratio(summed_precision, own_sums[:, -1])

    def _sums(self, weights: Weights) -> tuple[Floats, Floats, Floats]:
        """Return the weights of the class's cases, the sums up to each segment, and those at ``below``."""
        all_sums = _running_sums(count_cells(self.segment, (self.segments,), weights))
        own_weights = np.ascontiguousarray(weights_of_cases(weights, self.cases), dtype=np.float64)
        return own_weights, all_sums, np.take(all_sums, self.below, axis=1)

    def _auc(self, own_weights: Floats, all_sums: Floats, below_sums: Floats) -> Floats:
        upto_sums = below_sums + own_weights if self.upto is None else np.take(all_sums, self.upto, axis=1)
        positive, total = own_weights.sum(axis=1), all_sums[:, -1]
        # Of all pairs those of the class with itself, of which each counts one half, are none that it could win.
        won = np.einsum("ij,ij->i", own_weights, below_sums + upto_sums) - positive**2
        return ratio(won / 2, positive * (total - positive))


def _running_sums(weights: Floats) -> Floats:
    """Return the running sums, from 0: (draws, n + 1)."""
    sums = np.zeros((weights.shape[0], weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums
