"""Answers that know what they do not know: sets of classes with a promised coverage, and abstaining."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

COVERAGE = 0.9


@dataclass(frozen=True)
class ConformalSets:
    """How prediction sets did on a test part, whose ``threshold`` was chosen on another.

    ``coverage`` is the share of cases whose class is in their set, ``size`` the mean number of classes in a set, each
    by class too (None without a case), ``empty`` the share of cases with an empty set.
    """

    target: float
    threshold: float
    chosen_on: int
    coverage: float
    size: float
    empty: float
    coverage_by_class: dict[str, float | None]
    size_by_class: dict[str, float | None]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return dict(vars(self))


def conformal_threshold(probabilities: Floats, truth: npt.NDArray[np.intp], coverage: float = COVERAGE) -> float:
    """Return the least probability with which a class joins a set, chosen on cases not trained on.

    ``probabilities`` (n, classes) and ``truth`` (n,).  Split conformal prediction with the score 1 - p of the true
    class (Sadinle, Lei and Wasserman, JASA 2019): of cases like these, a share ``coverage`` or more has its class in
    its set.  0, every class, where n is too few to promise it.
    """
    scores = np.sort(1 - probabilities[np.arange(len(truth)), truth])
    rank = int(np.ceil((len(scores) + 1) * coverage))
    return float(1 - scores[rank - 1]) if rank <= len(scores) else 0.0


def conformal_sets(
    probabilities: Floats,
    truth: npt.NDArray[np.intp],
    classes: tuple[str, ...],
    *,
    threshold: float,
    chosen_on: int,
    coverage: float = COVERAGE,
) -> ConformalSets:
    """Judge sets of all classes whose probability is ``threshold`` or more, on the cases of a test part."""
    inside = probabilities >= threshold
    covered, sizes = inside[np.arange(len(truth)), truth], inside.sum(axis=1)

    def by_class(values: npt.NDArray[np.generic]) -> dict[str, float | None]:
        found = {name: values[truth == place] for place, name in enumerate(classes)}
        return {name: float(each.mean()) if len(each) else None for name, each in found.items()}

    return ConformalSets(
        target=coverage,
        threshold=threshold,
        chosen_on=chosen_on,
        coverage=float(covered.mean()),
        size=float(sizes.mean()),
        empty=float((sizes == 0).mean()),
        coverage_by_class=by_class(covered),
        size_by_class=by_class(sizes),
    )


@dataclass(frozen=True)
class Abstention:
    """The cases that are left when the least confident ones go to a person: their share, and how they fare."""

    answered: float
    confidence: float
    accuracy: float
    balanced_accuracy: float


SHARES = tuple(round(share / 20, 2) for share in range(20, 1, -1))


def abstention_curve(
    probabilities: Floats, truth: npt.NDArray[np.intp], shares: tuple[float, ...] = SHARES
) -> tuple[Abstention, ...]:
    """Return how the most confident ``shares`` of the cases fare (El-Yaniv and Wiener, JMLR 2010)."""
    confidence, said = probabilities.max(axis=1), probabilities.argmax(axis=1)
    order = np.argsort(-confidence, kind="stable")
    curve = []
    for share in shares:
        kept = order[: max(1, round(share * len(order)))]
        right = said[kept] == truth[kept]
        by_class = [right[truth[kept] == place].mean() for place in np.unique(truth[kept])]
        curve.append(Abstention(share, float(confidence[kept[-1]]), float(right.mean()), float(np.mean(by_class))))
    return tuple(curve)
