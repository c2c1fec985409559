"""Answers that know what they do not know: sets of classes with a promised coverage, and abstaining."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.confusion import over, tally
from derm_cli.evaluation.resampling import Drawn, Interval, of_proportion

Floats = npt.NDArray[np.float64]

COVERAGE = 0.9


@dataclass(frozen=True)
class ConformalSets:
    """How prediction sets did on a test part, whose ``threshold`` was chosen on another.

    ``coverage`` is the share of cases whose class is in their set, ``size`` the mean number of classes in a set, each
    by class too (None without a case), ``empty`` the share of cases with an empty set.  The intervals are of coverage.
    """

    target: float
    threshold: float
    chosen_on: int
    coverage: float
    size: float
    empty: float
    coverage_by_class: dict[str, float | None]
    size_by_class: dict[str, float | None]
    coverage_interval: Interval | None = None
    intervals_by_class: dict[str, Interval] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            **vars(self),
            "coverage_interval": self.coverage_interval and self.coverage_interval.to_json(),
            "intervals_by_class": {name: each.to_json() for name, each in self.intervals_by_class.items()},
        }


def conformal_threshold(probabilities: Floats, truth: npt.NDArray[np.intp], coverage: float = COVERAGE) -> float:
    """Return the least probability with which a class joins a set, chosen on cases not trained on.

    ``probabilities`` (n, classes) and ``truth`` (n,).  Split conformal prediction with the score 1 - p of the true
    class (Sadinle, Lei and Wasserman, JASA 2019): of cases like these, a share ``coverage`` or more has its class in
    its set.  0, every class, where n is too few to promise it.
    """
    scores = np.sort(1 - probabilities[np.arange(len(truth)), truth])
    rank = int(np.ceil((len(scores) + 1) * coverage))
    return float(1 - scores[rank - 1]) if rank <= len(scores) else 0.0


class ConformalTable:
    """The sets of all classes whose probability is ``threshold`` or more, of a test part's cases, ready for draws."""

    def __init__(
        self,
        probabilities: Floats,
        truth: npt.NDArray[np.intp],
        classes: tuple[str, ...],
        *,
        threshold: float,
        chosen_on: int,
        coverage: float = COVERAGE,
    ) -> None:
        """Take ``probabilities`` (n, classes) and ``truth`` (n,); ``chosen_on`` cases gave the threshold."""
        self.truth, self.classes = truth, classes
        self.threshold, self.chosen_on, self.target = threshold, chosen_on, coverage
        inside = probabilities >= threshold
        self.covered, self.sizes = inside[np.arange(len(truth)), truth], inside.sum(axis=1)

    def figures(self, weights: npt.NDArray[Any]) -> Drawn:
        """Return the coverage of each draw: ``conformal`` of each class (draws, classes), and ``conformal all``."""
        counts = tally(self.truth * 2 + self.covered, (len(self.classes), 2), weights)
        everyone = counts.sum(axis=1)
        return {
            "conformal": over(counts[..., 1], counts.sum(axis=-1)),
            "conformal all": over(everyone[..., 1], everyone.sum(axis=-1)),
        }

    def sets(self, drawn: Drawn, method: Literal["bootstrap", "patients"]) -> ConformalSets:
        """Return how the sets did, with the intervals that ``drawn`` gives, which may be empty."""
        mine = {name: self.truth == place for place, name in enumerate(self.classes)}

        def by_class(values: npt.NDArray[np.generic]) -> dict[str, float | None]:
            return {name: float(values[own].mean()) if own.any() else None for name, own in mine.items()}

        def interval(own: npt.NDArray[np.bool_], draws: Floats) -> Interval | None:
            return of_proportion(int(self.covered[own].sum()), int(own.sum()), draws, method)

        ends = {
            name: interval(own, drawn["conformal"][:, place]) for place, (name, own) in enumerate(mine.items()) if drawn
        }
        return ConformalSets(
            target=self.target,
            threshold=self.threshold,
            chosen_on=self.chosen_on,
            coverage=float(self.covered.mean()),
            size=float(self.sizes.mean()),
            empty=float((self.sizes == 0).mean()),
            coverage_by_class=by_class(self.covered),
            size_by_class=by_class(self.sizes),
            coverage_interval=interval(np.ones(len(self.truth), dtype=bool), drawn["conformal all"]) if drawn else None,
            intervals_by_class={name: each for name, each in ends.items() if each is not None},
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
