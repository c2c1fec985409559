"""What is compared is run in turns, A B A B, so that a slow minute of the machine meets both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the greatest of several numbers."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of ``values``, of which there must be one at least."""
        return cls(min(values), median(values), max(values))

    def text(self, digits: int = 2) -> str:
        """Return it as text, as in ``1.31 (1.20..1.55)``: the middle, and the ends between which the rest lies."""
        return f"{self.middle:.{digits}f} ({self.low:.{digits}f}..{self.high:.{digits}f})"


def in_turns(rounds: int, functions: Sequence[Callable[[], T]]) -> list[list[T]]:
    """Call the functions one after another, ``rounds`` times over; return what each gave, function by function."""
    results: list[list[T]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, returned in zip(functions, results, strict=True):
            returned.append(function())
    return results


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Return the spread of ``numerators / denominators``, round by round, since each round ran both."""
    return Spread.of([a / b for a, b in zip(numerators, denominators, strict=True)])
