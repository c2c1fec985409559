"""Figures of a training, and how two sides' are set beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.ratios import Spread, ratio
from benchmarks.training import Training

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Figure:
    """A figure of a training: its name, how it is read, its digits, and whether more of it is better."""

    name: str
    read: Callable[[Training], float | None]
    digits: int = 1
    more: bool = False

    def row(self, ours: Sequence[Training], theirs: Sequence[Training]) -> list[object]:
        """Return both sides' spreads and their ratio, above 1 where the first side is better."""
        here = [each for each in map(self.read, ours) if each is not None]
        there = [each for each in map(self.read, theirs) if each is not None]
        if len(here) < len(ours) or len(there) < len(theirs):
            return [self.name, "not seen", "not seen", ""]
        found = ratio(here, there) if self.more else ratio(there, here)
        return [self.name, Spread.of(here).text(self.digits), Spread.of(there).text(self.digits), found.text()]


WHOLE = Figure("whole run, s", lambda each: each.process.seconds)
TO_FIRST_STEP = Figure("process start to first step, s", lambda each: each.to_first_step)
FIRST_STEP = Figure("network built to first step, s", lambda each: each.first_step, digits=2)
LOST = Figure("lost to building, tracing, compiling, s", lambda each: each.timeline.lost)
PEAK = Figure("peak memory, MiB", lambda each: each.process.peak_bytes / MEBIBYTE, digits=0)


def steady(phase: int, name: str) -> Figure:
    """Return the figure of a phase's steady images a second: those of its epochs after the first, by wall time."""
    return Figure(name, partial(_rate, phase), more=True)


def _rate(phase: int, training: Training) -> float:
    return training.timeline.rate(phase)
