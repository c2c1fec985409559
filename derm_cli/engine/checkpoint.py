"""Checkpoints: every variable of a training and its position, in two generations."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from derm_cli.arrays import Array, DamagedFile, read_arrays, write_arrays
from derm_cli.console import warn
from derm_cli.engine.position import Position
from derm_cli.errors import DermError
from derm_cli.files import leftovers, whole
from derm_cli.runs.layout import CHECKPOINT, PREVIOUS_CHECKPOINT

PAUSE = 20
"""How many times as long as a checkpoint took to write is trained before the next: it costs about 5 % of the time."""


class NoWholeCheckpoint(DermError):
    """There are checkpoints, and all are damaged."""


class Checkpoint:
    """A whole checkpoint that was read: its position, its notes, and its variables until they are restored.

    Raises DamagedFile where the file is no whole checkpoint, and FileNotFoundError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        header, self._arrays = read_arrays(path)
        try:
            self.position = Position(**header["position"])
            self.notes: dict[str, Any] = header["notes"]
        except (KeyError, TypeError):
            raise DamagedFile(path) from None

    def restore(self, variables: Sequence[Any], part: bool = False) -> None:
        """Give ``variables`` their stored values, bit for bit; with ``part``, they are the first of those stored.

        Raises DermError where they do not fit.
        """
        wanted = [(tuple(variable.shape), str(variable.dtype)) for variable in variables]
        arrays = self._arrays[: len(wanted)] if part else self._arrays
        if wanted != [(array.shape, str(array.dtype)) for array in arrays]:
            raise DermError(
                f"The checkpoint '{self.path}' belongs to another network or version: train again from the start."
            )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)


class Checkpoints:
    """The checkpoints of a run in ``folder``: the newest and the one before it.

    At any instant of a kill, and on a full disk, one of them is whole.  ``clock`` gives seconds; ``run`` is by what a
    command names the run, by default its id.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic, run: str = "") -> None:
        self.newest, self.previous = folder / CHECKPOINT, folder / PREVIOUS_CHECKPOINT
        self._clock, self._run = clock, run or folder.name
        self._next = -math.inf

    @property
    def due(self) -> bool:
        """Whether the last save is so long ago, for the time it took, that another costs little; the first is due."""
        return self._clock() >= self._next

    def save(self, position: Position, variables: Sequence[Any], notes: dict[str, Any]) -> None:
        """Write ``variables`` (Keras variables or arrays), ``position`` and ``notes``, which must be good for JSON."""
        began = self._clock()
        with whole(self.newest) as temporary:
            write_arrays(temporary, {"position": asdict(position), "notes": notes}, map(_array, variables))
            # Only now, when the new one is whole on the disk, may the one before the last go.
            if self.newest.exists():
                self.newest.replace(self.previous)
        self._clear_half_written()
        ended = self._clock()
        self._next = ended + PAUSE * (ended - began)

    def latest(self) -> Checkpoint | None:
        """Return the newest whole checkpoint, or None where there is none.

        One that is damaged is told of in a warning, and the one before it takes its place.  Raises
        NoWholeCheckpoint where all are damaged.
        """
        damaged = []
        for path in (self.newest, self.previous):
            try:
                checkpoint = Checkpoint(path)
            except FileNotFoundError:
                continue
            except DamagedFile:
                damaged.append(path)
                continue
            if damaged:
                warn(f"The checkpoint '{self.newest}' is damaged: the one before it, '{path}', is used.")
                # Or the next save would put the damaged one in the place of the whole one.
                checkpoint.path = path.replace(self.newest)
            return checkpoint
        if damaged:
            run, names = self.newest.parent.name, " and ".join(f"'{path}'" for path in damaged)
            raise NoWholeCheckpoint(
                f"No checkpoint of run '{run}' is whole ({names} damaged): train again from the start with "
                f"'derm train --repeat {self._run}'."
            )
        return None

    def clear(self) -> None:
        """Remove the checkpoints, and what a save that was killed left half written."""
        for path in (self.newest, self.previous):
            path.unlink(missing_ok=True)
        self._clear_half_written()

    def _clear_half_written(self) -> None:
        for path in leftovers(self.newest.parent):
            if self.newest.stem in path.name:
                path.unlink(missing_ok=True)


def _array(variable: Any) -> Array:
    return np.asarray(variable.numpy() if hasattr(variable, "numpy") else variable)
