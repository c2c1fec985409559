"""The variance of AUC and average precision, also of a class with few cases, where what is seen tells little of it.

What is seen between patients (DeLong, DeLong and Clarke-Pearson, Biometrics 1988; by patient: Obuchowski, Biometrics
1997) is near nothing where few cases are all ranked high, so it is drawn to a model's.
"""

from __future__ import annotations

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.intervals.effective_cases import Estimate, Sample, drawn_to, score_interval
from derm_cli.evaluation.intervals.influence import auc_influence
from derm_cli.evaluation.intervals.resampling import Interval

WEIGHT_OF_AUC, WEIGHT_OF_PRECISION = 16.0, 12.0
"""How many patients a model's variance weighs."""
BEYOND_NORMAL = 1.2
"""By how much the variance is taken to be larger than that of normal scores, for scores are not."""
ADDED = 0.4
"""Cases of a middling AUC that are added to the class's own, so that the model's is never 1, which has no variance."""


def binormal_variance(auc: float, positives: float, negatives: float) -> float:
    """Return the variance of an AUC in (0, 1) of normal scores with equal spread on both sides.

    Hanley and McNeil (Radiology 1982), equation 1; the chance that a case of one side wins against two of the other is
    that of two normal variables with correlation 1/2, by Owen's T (Ann. Math. Stat. 1956).
    """
    from scipy.special import ndtri, owens_t

    twice = auc - 2 * float(owens_t(ndtri(auc), 1 / np.sqrt(3)))
    return (auc * (1 - auc) + (positives + negatives - 2) * (twice - auc * auc)) / (positives * negatives)


def auc_variance(
    auc: Estimate, positives: Sample, negatives: Sample, prior: float = 0.5, beyond: float = BEYOND_NORMAL
) -> tuple[float, float]:
    """Return the variance of an AUC, and the AUC that its model is of: its own, drawn a little to ``prior``.

    ``beyond`` is by how much the model's variance is enlarged.
    """
    equal = min(positives.equal, negatives.equal)
    assumed = _added(auc.value, equal, prior)
    independent = [side.cases / side.assumed_design for side in (positives, negatives)]
    model = beyond * binormal_variance(assumed, *independent)
    return drawn_to(model, auc.variance(equal), WEIGHT_OF_AUC, equal).value, assumed


def precision_interval(precision: Estimate, positives: Sample, negatives: Sample) -> Interval:
    """Return the interval of an average precision.

    The model of its variance is a share of the class's cases (Boyd, Eng and Page, ECML 2013, section 3.2).  What is
    seen of it hangs on the others too: where most cases are of the class, on the few that are not.
    """
    equal = min(positives.equal, negatives.equal)
    assumed = _added(precision.value, equal, 0.5)
    model = assumed * (1 - assumed) * positives.assumed_design / positives.cases
    variance = drawn_to(model, precision.variance(equal), WEIGHT_OF_PRECISION, equal)
    return score_interval(precision.value, assumed * (1 - assumed) / variance.value, variance.patients - 1)


def _added(value: float, equal: float, prior: float) -> float:
    return (value * equal + ADDED * prior) / (equal + ADDED)


def average_precision_influence(scores: Floats, positive: Flags) -> tuple[float, Floats]:
    """Return the average precision of ``scores`` (n,) and each case's influence on it, (n,).

    That of a case is the derivative of the sum over the class's cases of their precision by the case's own weight.
    """
    own, every = np.sort(scores[positive]), np.sort(scores)
    count = len(own)
    ranked = len(scores) - every.searchsorted(own, "left")
    precision = (count - own.searchsorted(own, "left")) / ranked
    value = float(precision.mean())
    # A case counts in the precision at every case of the class that is no higher than itself.
    upto = own.searchsorted(scores, "right")
    inverse, weighted = (np.concatenate([[0.0], np.cumsum(each)]) for each in (1 / ranked, precision / ranked))
    influence = (positive * inverse[upto] - weighted[upto]) / count
    influence[positive] += (precision[own.searchsorted(scores[positive], "left")] - value) / count
    return value, influence


def interval_of_auc(scores: Floats, positive: Flags, groups: Indices) -> Interval | None:
    """Return the 95 % interval of the AUC of ``scores`` (n,), None of too few cases on a side.

    ``groups`` (n,) are the cases' patients as numbers from 0, not all of which need occur.
    """
    positives, negatives = (Sample.of_cases(groups[side]) for side in (positive, ~positive))
    auc = Estimate.of(auc_influence(scores, positive, groups, int(groups.max()) + 1))
    if np.isnan(auc.value) or positives.too_few("cases") or negatives.too_few("cases"):
        return None
    return auc_interval(auc, positives, negatives)


def auc_interval(auc: Estimate, positives: Sample, negatives: Sample) -> Interval:
    """Return the interval of an AUC by its variance and the AUC that the model of that is of."""
    variance, assumed = auc_variance(auc, positives, negatives)
    return score_interval(auc.value, assumed * (1 - assumed) / variance)
