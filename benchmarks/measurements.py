"""What is measured of a training, and how two sides' are set beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.ratios import Spread, ratio
from benchmarks.training import Training

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Measurement:
    """Something measured of a training: its name, how it is read, its digits, and whether more of it is better."""

    name: str
    read: Callable[[Training], float | None]
    digits: int = 1
    higher_is_better: bool = False

    def row(self, ours: Sequence[Training], theirs: Sequence[Training]) -> list[object]:
        """Return both sides' spreads and their ratio, above 1 where the first side is better."""
        first = [each for each in map(self.read, ours) if each is not None]
        second = [each for each in map(self.read, theirs) if each is not None]
        if len(first) < len(ours) or len(second) < len(theirs):
            return [self.name, "not seen", "not seen", ""]
        quotient = ratio(first, second) if self.higher_is_better else ratio(second, first)
        return [self.name, Spread.of(first).text(self.digits), Spread.of(second).text(self.digits), quotient.text()]


WHOLE = Measurement("whole run, s", lambda each: each.process.seconds)
TO_FIRST_STEP = Measurement("process start to first step, s", lambda each: each.to_first_step)
FIRST_STEP = Measurement("network built to first step, s", lambda each: each.first_step, digits=2)
LOST = Measurement("lost to building, tracing, compiling, s", lambda each: each.timeline.lost)
PEAK = Measurement("peak memory, MiB", lambda each: each.process.peak_bytes / MEBIBYTE, digits=0)


def steady(phase: int, name: str) -> Measurement:
    """Return the measurement of a phase's steady images a second: those of its epochs after the first, by wall time."""
    return Measurement(name, partial(_rate, phase), higher_is_better=True)


def _rate(phase: int, training: Training) -> float:
    return training.timeline.rate(phase)
