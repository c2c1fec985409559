"""Which photographs each step sees: batches of the same number of photographs of each class, as indices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int32]


def steps_per_epoch(photographs: int, classes: int, per_class: int) -> int:
    """Return how many batches show as many photographs as there are: an epoch."""
    return -(-photographs // (classes * per_class))


def balanced_epoch(labels: npt.NDArray[np.integer], classes: int, per_class: int, seed: tuple[int, ...]) -> Indices:
    """Return an epoch's batches as indices into ``labels``, int32 of shape (steps, classes * per_class).

    Each batch has ``per_class`` photographs of every class (Nedelcu et al. 2021, section III: stratified batches of
    one image a class; rare classes are oversampled).  A class is dealt like a deck of cards: none of its photographs
    comes again before each has been shown.  The order depends on ``seed`` alone, so an epoch can be dealt again.
    Raises ValueError for a class without a photograph.
    """
    steps = steps_per_epoch(len(labels), classes, per_class)
    generator = np.random.default_rng(seed)
    dealt = [_deal(np.flatnonzero(labels == each), steps * per_class, generator) for each in range(classes)]
    batches = np.stack(dealt).reshape(classes, steps, per_class).transpose(1, 0, 2).reshape(steps, -1)
    return np.ascontiguousarray(batches, dtype=np.int32)


def _deal(deck: npt.NDArray[np.integer], cards: int, generator: np.random.Generator) -> npt.NDArray[np.integer]:
    if len(deck) == 0:
        raise ValueError("a class without a photograph cannot be dealt")
    rounds = -(-cards // len(deck))
    return np.concatenate([generator.permutation(deck) for _ in range(rounds)])[:cards]
