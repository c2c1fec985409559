"""What is simulated: how many data sets, of which classes and how many photographs a patient, from which seed."""

from __future__ import annotations

from dataclasses import dataclass

SHORT, LONG = 200, 2000
"""Data sets of each cell in the form of minutes and in that of an hour."""


@dataclass(frozen=True)
class Form:
    """``sets`` data sets a cell, for tables of so many ``classes`` and at most so many photographs a patient."""

    sets: int = SHORT
    classes: tuple[int, ...] = (5,)
    most: tuple[int, ...] = (1, 10, 50)
    seed: int = 0

    def __post_init__(self) -> None:
        assert self.sets > 0, self.sets
        assert self.classes, self.classes


def column(most: int, sameness: float = 0.0) -> str:
    """Return the heading of a column: how many photographs a patient has, and whether mostly of one class."""
    photographs = "1 a patient" if most == 1 else f"1–{most} a patient"
    return photographs + (", mostly of one class" if sameness else "")
