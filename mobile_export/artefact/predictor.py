"""A loaded artefact of any format: checks the photographs, and runs the network batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import ArtefactFacts, DermError

Run = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]


class ArtefactPredictor:
    """A loaded artefact: uint8 RGB (n, size, size, 3) in, float32 probabilities (n, classes) out.

    ``run`` gives the probabilities of at most ``batch`` photographs.
    """

    def __init__(self, path: Path, facts: ArtefactFacts, run: Run, batch: int) -> None:
        self.facts = facts
        self._path, self._run, self._batch = path, run, batch

    def __call__(self, photographs: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Return the probabilities.  Raises DermError for other shapes or dtypes than those of the artefact."""
        size = self.facts.preprocessing.size
        if photographs.dtype != np.uint8 or photographs.ndim != 4 or photographs.shape[1:] != (size, size, 3):
            raise DermError(
                f"'{self._path}' takes uint8 photographs of the shape (n, {size}, {size}, 3), not "
                f"'{photographs.dtype}' of '{photographs.shape}': read them with the preprocessing that it carries."
            )
        starts = range(0, len(photographs), self._batch)
        probabilities = [self._run(photographs[start : start + self._batch]) for start in starts]
        return np.concatenate(probabilities) if probabilities else np.empty((0, len(self.facts.classes)), np.float32)
