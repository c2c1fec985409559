"""Two classifiers on the same cases: what the paired bootstrap and McNemar's test say of their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.errors import DermError
from derm_cli.evaluation.metrics.counting import class_shares, confusion, overall_shares
from derm_cli.evaluation.metrics.figures import known
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import DRAWS, Drawn, Interval, Resampling, percentiles, point

OVERALL = ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1")
OF_CLASS = ("sensitivity", "specificity", "precision", "f1")


@dataclass(frozen=True)
class Change:
    """A figure of two classifiers: ``difference`` is the second's less the first's, with its 95 % interval.

    ``interval`` is that of the paired bootstrap: both are judged on the same draws.
    """

    name: str
    first: float | None
    second: float | None
    difference: float | None
    interval: Interval | None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {**vars(self), "interval": self.interval and self.interval.to_json()}


@dataclass(frozen=True)
class Pairing:
    """Two classifiers on the same cases.

    ``only_first`` and ``only_second`` are the cases that one alone got right; ``mcnemar`` is the p-value of McNemar's
    exact test on them (McNemar 1947; binomial, two-sided), 1 where there are none.
    """

    cases: int
    only_first: int
    only_second: int
    mcnemar: float
    overall: tuple[Change, ...]
    per_class: dict[str, tuple[Change, ...]]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            **vars(self),
            "overall": [each.to_json() for each in self.overall],
            "per_class": {name: [each.to_json() for each in found] for name, found in self.per_class.items()},
        }


def pair(first: Predictions, second: Predictions, names: tuple[str, str], draws: int = DRAWS, seed: int = 0) -> Pairing:
    """Compare two classifiers, case by case.

    Raises DermError where the classes or the cases differ, or a case's label does: figures of other photographs cannot
    be compared.
    """
    second = _aligned(first, second, names)
    size, truth = len(first.classes), first.places(first.labels)
    said = [first.places(each.predictions) for each in (first, second)]
    right = [each == truth for each in said]
    only_first, only_second = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())

    def figures(weights: npt.NDArray[Any]) -> Drawn:
        found: Drawn = {}
        for which, each in enumerate(said):
            counts = confusion(truth * size + each, size, weights)
            shares, overall = class_shares(counts), overall_shares(counts)
            found |= {f"{which} {name}": overall[name] for name in OVERALL}
            found |= {f"{which} {name}": shares[name] for name in OF_CLASS}
        return found

    found, resampling = point(figures, len(truth)), Resampling(first.groups, draws, seed)
    drawn = resampling.map(figures)

    def change(name: str, place: int | None = None) -> Change:
        at: Any = ... if place is None else (..., place)
        ours, theirs = (float(found[f"{which} {name}"][at]) for which in (0, 1))
        differences = drawn[f"1 {name}"][at] - drawn[f"0 {name}"][at] if drawn else None
        interval = None if differences is None else percentiles(differences, resampling.method)
        return Change(name, known(ours), known(theirs), known(theirs - ours), interval)

    return Pairing(
        len(truth),
        only_first,
        only_second,
        _mcnemar(only_first, only_second),
        tuple(change(name) for name in OVERALL),
        {each: tuple(change(name, place) for name in OF_CLASS) for place, each in enumerate(first.classes)},
    )


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values that hold for all of several tests together (Holm, Scandinavian Journal of Statistics 1979)."""
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = largest
    return tuple(adjusted)


def _aligned(first: Predictions, second: Predictions, names: tuple[str, str]) -> Predictions:
    """Return the second in the order of the first's cases."""
    ours, theirs = set(first.case_ids), set(second.case_ids)
    if ours != theirs:
        only = sorted(ours - theirs) or sorted(theirs - ours)
        which = names[0] if ours - theirs else names[1]
        raise DermError(
            f"'{names[0]}' and '{names[1]}' were not judged on the same cases ('{only[0]}' is one of {len(only)} that "
            f"only '{which}' has): compare what was judged on one test part."
        )
    if set(first.classes) != set(second.classes):
        other = sorted(set(first.classes) ^ set(second.classes))
        raise DermError(
            f"'{names[0]}' and '{names[1]}' have not the same classes ('{other[0]}' is of one alone): compare what has "
            "one target."
        )
    place = {case: row for row, case in enumerate(second.case_ids)}
    order = np.array([place[case] for case in first.case_ids], dtype=np.intp)
    labels = second.labels[order]
    if (off := np.flatnonzero(labels != first.labels)).size:
        row = int(off[0])
        raise DermError(
            f"Case '{first.case_ids[row]}' is '{first.labels[row]}' in '{names[0]}', but '{labels[row]}' in "
            f"'{names[1]}': compare tables with the same labels."
        )
    return Predictions(first.classes, first.case_ids, labels, second.predictions[order], None, first.about)


def _mcnemar(only_first: int, only_second: int) -> float:
    from scipy.stats import binomtest

    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
