"""When things happened inside a training process, told to the process that measures it by a file."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

FILE = "BENCHMARK_TIMELINE"
"""The environment variable that names the file."""


@dataclass(frozen=True)
class Epoch:
    """An epoch: its phase's number and name, how many images it showed, and when it ended, on the monotonic clock."""

    phase: int
    name: str
    images: int
    ended: float


@dataclass
class Timeline:
    """When the stage began and when the first step ended, on the monotonic clock, and the epochs in their order.

    An epoch lasts from the end of the one before it, or from the stage's beginning, to its own end: all that is done
    between two epochs is in it.
    """

    stage_began: float | None = None
    first_step: float | None = None
    epochs: list[Epoch] = field(default_factory=list)

    def stepped(self) -> None:
        """Note a step: the first one's time is kept."""
        if self.first_step is None:
            self.first_step = time.monotonic()

    def write(self) -> None:
        """Write the file."""
        Path(os.environ[FILE]).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Timeline:
        """Read a file back."""
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**values, "epochs": [Epoch(**each) for each in values["epochs"]]})

    @property
    def images(self) -> int:
        """The images shown in all."""
        return sum(epoch.images for epoch in self.epochs)

    @property
    def phases(self) -> list[str]:
        """The phases' names in their order."""
        return list({epoch.phase: epoch.name for epoch in self.epochs}.values())

    def seconds(self, phase: int) -> list[float]:
        """Return how long each epoch of a phase lasted; the first has the building and the compiling in it."""
        assert self.stage_began is not None
        ends = [self.stage_began, *(epoch.ended for epoch in self.epochs)]
        durations = [after - before for before, after in pairwise(ends)]
        return [each for each, epoch in zip(durations, self.epochs, strict=True) if epoch.phase == phase]

    def steady(self, phase: int) -> float:
        """Return the seconds of a phase's middle epoch among those after its first."""
        return median(self.seconds(phase)[1:])

    def rate(self, phase: int) -> float:
        """Return the steady images a second of a phase."""
        images = next(epoch.images for epoch in self.epochs if epoch.phase == phase)
        return images / self.steady(phase)

    @property
    def lost(self) -> float:
        """The seconds by which the phases' first epochs lasted longer than their later ones."""
        return sum(self.seconds(phase)[0] - self.steady(phase) for phase in range(len(self.phases)))
