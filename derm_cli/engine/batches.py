"""The batches of an epoch: indices of photographs, and the targets that the network should give for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from derm_cli.plan import PhaseOptions

Indices = npt.NDArray[np.int32]
Targets = npt.NDArray[np.float32]


def steps_per_epoch(photographs: int, classes: int, per_class: int) -> int:
    """Return how many batches show as many photographs as there are: an epoch."""
    return -(-photographs // (classes * per_class))


def balanced_epoch(labels: npt.NDArray[np.integer], classes: int, per_class: int, seed: tuple[int, ...]) -> Indices:
    """Return an epoch's batches as indices into ``labels``, int32 of shape (steps, classes * per_class).

    Each batch has ``per_class`` photographs of every class (Nedelcu et al. 2021, section III: stratified batches of
    one image a class; rare classes are oversampled).  A class is sampled without replacement: none of its
    photographs comes again before each has been shown.  The order depends on ``seed`` alone, so an epoch can be
    drawn again.  Raises ValueError for a class without a photograph.
    """
    steps = steps_per_epoch(len(labels), classes, per_class)
    generator = np.random.default_rng(seed)
    by_class = [np.flatnonzero(labels == each) for each in range(classes)]
    shuffled = [_repeat_shuffled(indices, steps * per_class, generator) for indices in by_class]
    batches = np.stack(shuffled).reshape(classes, steps, per_class).transpose(1, 0, 2).reshape(steps, -1)
    return np.ascontiguousarray(batches, dtype=np.int32)


def natural_epoch(labels: npt.NDArray[np.integer], classes: int, per_class: int, seed: tuple[int, ...]) -> Indices:
    """Return batches as :func:`balanced_epoch` does, of the same size, but as often of each class as it comes.

    Every photograph is shown once; what fills the last batch is drawn anew.
    """
    steps, generator = steps_per_epoch(len(labels), classes, per_class), np.random.default_rng(seed)
    shuffled = _repeat_shuffled(np.arange(len(labels)), steps * classes * per_class, generator)
    return np.ascontiguousarray(shuffled.reshape(steps, -1), dtype=np.int32)


@dataclass(frozen=True)
class EpochBatches:
    """An epoch's batches, int32 (steps, n), and what is asked of each: float32 (steps, n, classes), shares of a label.

    With mixup, ``partners``, int32 (steps, n), are positions in the batch of the photographs mixed in, and ``shares``,
    float32 (steps, n), what is left of the first.
    """

    indices: Indices
    targets: Targets
    partners: Indices | None = None
    shares: Targets | None = None

    def inputs(self, step: int, rows: Indices) -> tuple[npt.NDArray[np.generic], ...]:
        """Return the program's inputs at a step whose photographs are in ``rows`` of its feed."""
        if self.partners is None or self.shares is None:
            return (rows,)
        return rows, self.partners[step], self.shares[step]


def draw_epoch(
    labels: npt.NDArray[np.integer], classes: int, per_class: int, options: PhaseOptions, seed: tuple[int, ...]
) -> EpochBatches:
    """Draw an epoch: batches by ``options.sampling``, labels smoothed and mixed.  It depends on ``seed`` alone."""
    epoch = natural_epoch if options.sampling == "natural" else balanced_epoch
    indices = epoch(labels, classes, per_class, seed)
    targets = np.eye(classes, dtype=np.float32)[labels[indices]]
    if options.label_smoothing:
        targets = targets * np.float32(1 - options.label_smoothing) + np.float32(options.label_smoothing / classes)
    if not options.mixup:
        return EpochBatches(indices, targets)
    generator = np.random.default_rng((*seed, 1))
    shares = generator.beta(options.mixup, options.mixup, indices.shape).astype(np.float32)
    partners = generator.permuted(np.broadcast_to(np.arange(indices.shape[1], dtype=np.int32), indices.shape), axis=1)
    others = np.take_along_axis(targets, partners[..., np.newaxis], axis=1)
    share = shares[..., np.newaxis]
    return EpochBatches(indices, share * targets + (1 - share) * others, partners, shares)


def sequential_batches(count: int, size: int) -> Iterator[Indices]:
    """Yield the indices 0..count-1 in batches of ``size``; the last is filled up with 0."""
    for start in range(0, count, size):
        indices = np.arange(start, start + size, dtype=np.int32)
        yield np.where(indices < count, indices, 0).astype(np.int32)


def _repeat_shuffled(
    items: npt.NDArray[np.integer], count: int, generator: np.random.Generator
) -> npt.NDArray[np.integer]:
    if len(items) == 0:
        raise ValueError("a class without a photograph cannot be sampled")
    rounds = -(-count // len(items))
    return np.concatenate([generator.permutation(items) for _ in range(rounds)])[:count]
