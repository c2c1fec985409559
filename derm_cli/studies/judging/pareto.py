"""Worth against what a model costs whoever runs it: which rows no other beats, and which the data cannot tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from derm_cli.errors import one_line
from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.metrics.paired import paired_comparisons
from derm_cli.evaluation.predictions import Predictions
from derm_cli.studies.judging.answers import RowAnswers
from derm_cli.studies.judging.latency import comparable_latencies
from derm_cli.studies.judging.row_names import MOST_NAMED, quoted

WORTH = "macro_f1"
"""The metric that a row is worth."""
MOST_PAIRS = 40
"""Pairs of rows that are compared: those of the nearest worth, since others are told apart."""
SAME_SIZE = 0.001
"""Sizes that differ by a smaller share are one: what a file says of its run is some bytes more or less."""


@dataclass(frozen=True)
class WorthPoint:
    """A row: its worth, a share in 0..1, and its cost, each with its 95 % interval.

    ``interval`` is that of the worth, None where it has none.  What is counted, as bytes are, has its cost for both
    ends.
    """

    row: str
    worth: float
    interval: Interval | None
    cost: float
    cost_low: float
    cost_high: float

    def is_beaten_by(self, other: WorthPoint) -> bool:
        """Return whether another is no worse in both, and better in one."""
        at_least = other.worth >= self.worth and other.cost <= self.cost
        return at_least and (other.worth, other.cost) != (self.worth, self.cost)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, an interval as a list of its two ends."""
        ends = [self.interval.low, self.interval.high] if self.interval else None
        return {**vars(self), "interval": ends}


@dataclass(frozen=True)
class ParetoFront:
    """Rows by worth against a cost.

    ``name`` is for programs, ``cost`` with its unit for people; ``under`` tells how the cost was measured.  ``front``
    are the rows that no other beats, the cheapest first.  Each of ``undecided`` is a row of the front and one that the
    data cannot tell from it in worth: the next dearer one of the front, or one that is beaten by it.  ``without`` are
    the rows whose cost is not known.
    """

    name: str
    cost: str
    under: str
    points: tuple[WorthPoint, ...]
    front: tuple[str, ...]
    undecided: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Whether the cost is counted, and has no interval."""
        return all(point.cost_low == point.cost_high for point in self.points)

    def point(self, row: str) -> WorthPoint | None:
        """Return the point of a row, None where it has none."""
        return next((each for each in self.points if each.row == row), None)

    def open_beside(self, row: str) -> tuple[str, ...]:
        """Return the rows that the data cannot tell from ``row``."""
        return tuple(dict.fromkeys(other for pair in self.undecided if row in pair for other in pair if other != row))

    @property
    def of_one_cost(self) -> tuple[tuple[str, str], ...]:
        """The neighbours on the front whose costs cannot be told apart, since their intervals overlap."""
        points = {point.row: point for point in self.points}
        pairs = pairwise(self.front)
        return tuple(pair for pair in pairs if points[pair[0]].cost_high >= points[pair[1]].cost_low)

    @property
    def sentence(self) -> str:
        """What is on the front, and what the data leave open, in words."""
        named = quoted(self.front)
        said = [f"Of macro F1 against {self.cost}, {named} {'is' if len(self.front) == 1 else 'are'} beaten by no row."]
        if self.undecided:
            said.append(f"The data cannot tell apart in macro F1: {_pairs(self.undecided)}.")
        if self.of_one_cost:
            said.append(f"Measured again, either may be the faster: {_pairs(self.of_one_cost)}.")
        return " ".join(said)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "cost": self.cost,
            "under": self.under or None,
            "points": [each.to_json() for each in self.points],
            "front": list(self.front),
            "undecided": [list(pair) for pair in self.undecided],
            "undecided_cost": [list(pair) for pair in self.of_one_cost],
            "without": list(self.without),
        }


def pareto_fronts(
    rows: Sequence[RowAnswers], tables: Mapping[str, Predictions], evaluations: Mapping[str, Evaluation]
) -> tuple[ParetoFront, ...]:
    """Return rows by worth against the size of the smallest export, and against latency, where rows have these.

    ``tables`` are the answers of those rows that were tested on the same cases; others are left out.
    """
    compared = [row for row in rows if row.name in tables]
    sizes = _levelled({row.name: size / 1e6 for row in compared if (size := row.smallest_export) is not None})
    under, latencies = comparable_latencies(compared)
    asked = [
        ("size", "the smallest export in MB", "", {name: (size, size, size) for name, size in sizes.items()}),
        (
            "latency",
            "latency in ms",
            str(under or ""),
            {name: (1e3 * each.seconds, 1e3 * each.low, 1e3 * each.high) for name, each in latencies.items()},
        ),
    ]
    found = []
    for name, cost, conditions, costs in asked:
        points = tuple(
            _point(row.name, evaluations[row.name], costs[row.name]) for row in compared if row.name in costs
        )
        if points:
            without = tuple(row.name for row in compared if row.name not in costs)
            front = ParetoFront(name, cost, conditions, points, _front(points), without=without)
            found.append(replace(front, undecided=_undecided(front, tables)))
    return tuple(found)


def _levelled(sizes: Mapping[str, float]) -> dict[str, float]:
    """Return sizes of which those that are one are the smallest of them, so that no row wins by a few bytes."""
    levelled: dict[str, float] = {}
    level = 0.0
    for name in sorted(sizes, key=sizes.__getitem__):
        level = level if sizes[name] <= level * (1 + SAME_SIZE) else sizes[name]
        levelled[name] = level
    return levelled


def _point(row: str, evaluation: Evaluation, cost: tuple[float, float, float]) -> WorthPoint:
    worth = float(getattr(evaluation, WORTH))
    return WorthPoint(row, worth, evaluation.intervals.get(WORTH), *cost)


def _front(points: Sequence[WorthPoint]) -> tuple[str, ...]:
    unbeaten = [point for point in points if not any(point.is_beaten_by(other) for other in points)]
    return tuple(point.row for point in sorted(unbeaten, key=lambda point: (point.cost, -point.worth)))


def _undecided(front: ParetoFront, tables: Mapping[str, Predictions]) -> tuple[tuple[str, str], ...]:
    """Return the pairs that have to be told apart for the front to be what it is, and that the data do not."""
    by_row = {point.row: point for point in front.points}
    pairs = [(cheaper, dearer) for cheaper, dearer in pairwise(front.front)]
    for point in front.points:
        beating = [by_row[row] for row in front.front if point.is_beaten_by(by_row[row])]
        if beating:
            pairs.append((max(beating, key=lambda other: other.worth).row, point.row))
    pairs.sort(key=lambda pair: abs(by_row[pair[0]].worth - by_row[pair[1]].worth))
    asked: dict[str, list[str]] = {}
    for first, second in pairs[:MOST_PAIRS]:
        asked.setdefault(first, []).append(second)
    undecided = []
    for first, others in asked.items():
        comparisons = paired_comparisons(
            tables[first], {other: tables[other] for other in others}, first, class_intervals=False
        )
        for other, comparison in comparisons.items():
            difference = next((each for each in comparison.overall if each.name == WORTH), None)
            interval = difference.interval if difference else None
            if interval is None or interval.low <= 0 <= interval.high:
                undecided.append((first, other))
    return tuple(undecided)


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    named = [f"'{one_line(one)}' and '{one_line(other)}'" for one, other in pairs[:MOST_NAMED]]
    more = [f"and {len(pairs) - MOST_NAMED} more pairs"] if len(pairs) > MOST_NAMED else []
    return "; ".join(named + more)
