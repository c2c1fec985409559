"""The time that is left of a run: what is still to be done, at the rates at which it has gone so far.

What each phase has to do is known from the plan: passes of photographs through the network, more the more of it learns,
and programs to compile.  How long a pass takes here, and how long compiling, is learnt from the last of the phases
behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class PhaseWork:
    """What a phase has to do.

    ``epochs`` of ``steps`` each; an epoch takes ``passes``, forward passes of one photograph through the whole network,
    a step of the optimizer counted in.  Before the first, ``ready`` passes are made, as for features, and a program is
    compiled of ``layers``: those of a forward pass once, and those of the backward pass once more.
    """

    epochs: int
    steps: int
    passes: float
    ready: float
    layers: float


@dataclass(frozen=True)
class EndingWork:
    """What comes after the last stage: ``passes`` as of a phase, and what takes as long as compiling ``layers``."""

    passes: float
    layers: float


NOTHING = EndingWork(passes=0.0, layers=0.0)
LAST_PHASES = 3
"""So many phases tell what comes, by their median: one that was disturbed tells nothing."""
LEAST_SECONDS = 1.0
"""A phase tells how long its steps take after an epoch, or once they have taken so long; until then others do."""


@dataclass
class _Phase:
    """A phase that has begun: when it did, when its program was ready, and how many steps it had taken when."""

    work: PhaseWork
    begun: float
    ready: float | None = None
    steps_before: float = 0.0
    steps: float = 0.0
    last: float = 0.0

    @property
    def seconds_of_a_pass(self) -> float | None:
        """The seconds of a pass, None before there are any to tell by."""
        passes = (self.steps - self.steps_before) / self.work.steps * self.work.passes
        return (self.last - self.ready) / passes if self.ready is not None and passes > 0 else None

    @property
    def tells(self) -> bool:
        """Whether so many steps are taken that they tell how long others will take."""
        # The first step is the compiler's.
        taken = self.steps - self.steps_before + 1
        return self.ready is not None and (taken >= self.work.steps or self.last - self.ready >= LEAST_SECONDS)

    def seconds_of_a_layer(self, seconds_of_a_pass: float) -> float | None:
        """The seconds for compiling a layer, None before that is done."""
        if self.ready is None or not self.work.layers:
            return None
        return max(self.ready - self.begun - self.work.ready * seconds_of_a_pass, 0.0) / self.work.layers


class Forecast:
    """The seconds that are left of a run of ``phases``, over all stages, that go on one after the other.

    It is told what happens, as it happens; ``now`` gives the seconds of a clock.
    """

    def __init__(
        self,
        phases: Sequence[PhaseWork] = (),
        ending: EndingWork = NOTHING,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.phases, self._ending, self._now = phases, ending, now
        self._current = -1
        self._ended: float | None = None
        self._seen: list[_Phase] = []

    def phase_begun(self, number: int) -> None:
        """Take down that a phase has begun, counted from 0 over all stages."""
        self._current = number
        self._seen.append(_Phase(self.phases[number], self._now()))

    def steps_taken(self, steps: float) -> None:
        """Take down how many steps the phase has taken, over all its epochs; the first time, that it is compiled."""
        phase, now = self._seen[-1], self._now()
        if phase.ready is None:
            phase.ready, phase.steps_before = now, steps
        phase.steps, phase.last = steps, now

    def stages_ended(self) -> None:
        """Take down that the last stage is trained."""
        self._current, self._ended = len(self.phases), self._now()

    def seconds_left(self) -> float | None:
        """Return the seconds until the run is finished, about; None before the first phase tells anything."""
        passes, layers = self._seconds_of_passes(), None
        if passes is None:
            return None
        layers = _typical([each.seconds_of_a_layer(passes) for each in self._seen]) or 0.0
        # A program that was traced ahead costs its phase next to nothing; the ending waits for all, as the first did.
        alone = max(layers, self._seen[0].seconds_of_a_layer(passes) or 0.0)
        left = self._ending.passes * passes + self._ending.layers * alone
        if self._ended is not None:
            return max(left - (self._now() - self._ended), 0.0)
        for work in self.phases[self._current + 1 :]:
            left += (work.ready + work.epochs * work.passes) * passes + work.layers * layers
        return left + self._left_of_phase(passes, layers)

    def _seconds_of_passes(self) -> float | None:
        return _typical([each.seconds_of_a_pass for each in self._seen if each.tells])

    def _left_of_phase(self, passes: float, layers: float) -> float:
        phase = self._seen[-1]
        work, now = phase.work, self._now()
        if phase.ready is None:
            making_ready = max(work.ready * passes + work.layers * layers - (now - phase.begun), 0.0)
            return making_ready + work.epochs * work.passes * passes
        if phase.tells and phase.seconds_of_a_pass is not None:
            passes = phase.seconds_of_a_pass
        share = 1 - phase.steps / (work.epochs * work.steps)
        return max(share * work.epochs * work.passes * passes - (now - phase.last), 0.0)


def _typical(values: Sequence[float | None]) -> float | None:
    """Return the median of the last :data:`LAST_PHASES` values that there are; None without any."""
    known = [value for value in values if value is not None][-LAST_PHASES:]
    return median(known) if known else None
