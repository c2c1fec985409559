"""A loaded artefact of any format: checks the photographs, and runs the network batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import ArtefactFacts, DermError, checked_probabilities, usable_cores
from mobile_export.artefact.checks import damaged_error

Run = Callable[[npt.NDArray[np.uint8], npt.NDArray[np.float32] | None], npt.NDArray[np.float32]]


class ArtefactPredictor:
    """A loaded artefact: uint8 RGB (n, size, size, 3) in, float32 probabilities (n, classes) out.

    ``run`` gives the probabilities of at most ``batch`` photographs, with the answers to the questions of the facts, or
    None where these have no questions.  ``is_sealed`` tells whether the file's seal is over all of it.  One that
    ``is_concurrent`` computes on one core and may be asked by several threads at once; what it is asked about together,
    it shares out among the cores itself.
    """

    def __init__(
        self, path: Path, facts: ArtefactFacts, run: Run, batch: int, *, is_sealed: bool, is_concurrent: bool = False
    ) -> None:
        self.facts = facts
        self.is_sealed, self.is_concurrent = is_sealed, is_concurrent
        self._path, self._run, self._batch = path, run, batch

    def __call__(
        self, photographs: npt.NDArray[Any], answers: npt.NDArray[Any] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return the probabilities, without ``answers``, float32 (n, k), those by the photographs alone.

        Raises DermError for other shapes or dtypes than those of the artefact, for answers where it takes none, where
        it gives something that is no number, and where the network fails.
        """
        size = self.facts.preprocessing.size
        if photographs.dtype != np.uint8 or photographs.ndim != 4 or photographs.shape[1:] != (size, size, 3):
            raise DermError(
                f"'{self._path}' takes uint8 photographs of the shape (n, {size}, {size}, 3), not "
                f"'{photographs.dtype}' of '{photographs.shape}': read them with the preprocessing that it carries."
            )
        known = self._checked_answers(len(photographs), answers)
        # Of the same size on any number of cores, since a runtime rounds otherwise in batches of another.
        batches = [slice(start, start + self._batch) for start in range(0, len(photographs), self._batch)]

        def run(each: slice) -> npt.NDArray[np.float32]:
            return self._answer(photographs[each], None if known is None else known[each])

        if self.is_concurrent and len(batches) > 1:
            with ThreadPoolExecutor(usable_cores()) as pool:
                probabilities = list(pool.map(run, batches))
        else:
            probabilities = [run(each) for each in batches]
        none = np.empty((0, len(self.facts.classes)), np.float32)
        return checked_probabilities(np.concatenate([none, *probabilities]), self.facts)

    def _answer(
        self, photographs: npt.NDArray[np.uint8], answers: npt.NDArray[np.float32] | None
    ) -> npt.NDArray[np.float32]:
        """Return the probabilities of a batch.  Raises DermError where the network does not give them."""
        try:
            found = self._run(photographs, answers)
        except DermError:
            raise
        # Each runtime has errors of its own; a stranger's network may take other photographs than its facts say.
        except Exception as error:
            raise damaged_error(self._path, error) from error
        if found.shape != (len(photographs), len(self.facts.classes)):
            raise damaged_error(self._path, f"it answers {len(photographs)} photographs with '{found.shape}' numbers")
        return found

    def _checked_answers(self, count: int, answers: npt.NDArray[Any] | None) -> npt.NDArray[np.float32] | None:
        """Return the answers of ``count`` photographs, zeros where none are given; None for a model without them."""
        encoding = self.facts.answers
        if encoding is None:
            if answers is not None:
                raise DermError(f"'{self._path}' takes no answers: give it the photographs alone.")
            return None
        if answers is None:
            return np.zeros((count, encoding.width), np.float32)
        if answers.dtype != np.float32 or answers.shape != (count, encoding.width):
            raise DermError(
                f"'{self._path}' takes float32 answers of the shape ({count}, {encoding.width}), not "
                f"'{answers.dtype}' of '{answers.shape}': encode them as its facts tell."
            )
        return answers
