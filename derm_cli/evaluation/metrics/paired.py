"""Two classifiers on the same cases: what the paired bootstrap and McNemar's test say of their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.errors import DermError
from derm_cli.evaluation.metrics.classification import ClassTable, known
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import DRAWS, Drawn, Interval, Resampling, percentiles, point

OVERALL = ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1", "auc")
OF_CLASS = ("sensitivity", "specificity", "precision", "f1", "auc")


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
    right = [each.predictions == first.labels for each in (first, second)]
    only_first, only_second = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    tables = [ClassTable(each) for each in (first, second)]

    def figures(weights: npt.NDArray[Any]) -> Drawn:
        return {
            f"{which} {name}": each
            for which, table in enumerate(tables)
            for name, each in table.figures(weights).items()
        }

    found, resampling = point(figures, len(first.labels)), Resampling(first.groups, draws, seed)
    drawn = resampling.map(figures)
    # An AUC needs the probabilities of both.
    ranked = first.probabilities is not None and second.probabilities is not None
    overall, of_class = ([each for each in every if ranked or each != "auc"] for every in (OVERALL, OF_CLASS))

    def change(name: str, place: int | None = None) -> Change:
        at: Any = ... if place is None else (..., place)
        key = f"overall {name}" if place is None else name
        ours, theirs = (float(found[f"{which} {key}"][at]) for which in (0, 1))
        differences = drawn[f"1 {key}"][at] - drawn[f"0 {key}"][at] if drawn else None
        interval = None if differences is None else percentiles(differences, resampling.method)
        return Change(name, known(ours), known(theirs), known(theirs - ours), interval)

    return Pairing(
        len(first.labels),
        only_first,
        only_second,
        _mcnemar(only_first, only_second),
        tuple(change(name) for name in overall),
        {each: tuple(change(name, place) for name in of_class) for place, each in enumerate(first.classes)},
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
    found = second.probabilities
    if found is not None:
        found = found[order][:, [second.classes.index(name) for name in first.classes]]
    return Predictions(first.classes, first.case_ids, labels, second.predictions[order], found, first.about)


def _mcnemar(only_first: int, only_second: int) -> float:
    from scipy.stats import binomtest

    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
