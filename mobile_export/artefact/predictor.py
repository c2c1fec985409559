"""What the predictors of all formats have in common: the check of what goes in, and of what comes out."""

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

    ``run`` answers batches of at most ``batch`` photographs.
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
        answers = [self._run(photographs[start : start + self._batch]) for start in starts]
        return np.concatenate(answers) if answers else np.empty((0, len(self.facts.classes)), np.float32)


def check_shapes(path: Path, facts: ArtefactFacts, size: object, outputs: object) -> None:
    """Raise DermError where the network takes or gives other shapes than the facts beside it say."""
    expected = (facts.preprocessing.size, len(facts.classes))
    if (size, outputs) != expected:
        raise DermError(
            f"'{path}' has a network for {size} pixels and {outputs} classes, but facts for {expected[0]} and "
            f"{expected[1]}: export it again with 'derm export'."
        )
