"""The batches of an epoch: indices of photographs, and the targets that the network should give for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.engine.components import PhaseComponents
from derm_cli.plugin import MixDraw, SamplingRequest

Indices = npt.NDArray[np.int32]
Targets = npt.NDArray[np.float32]


def steps_per_epoch(photographs: int, classes: int, per_class: int) -> int:
    """Return how many batches show as many photographs as there are: an epoch."""
    return -(-photographs // (classes * per_class))


@dataclass(frozen=True)
class EpochBatches:
    """An epoch's batches, int32 (steps, n), and what is asked of each: float32 (steps, n, classes), shares of a label.

    Where photographs are mixed, ``partners``, int32 (steps, n), are positions in the batch of those mixed in, and
    ``mix`` tells how.
    """

    indices: Indices
    targets: Targets
    partners: Indices | None = None
    mix: MixDraw | None = None

    def inputs(self, step: int, rows: Indices) -> tuple[npt.NDArray[np.generic], ...]:
        """Return the program's inputs at a step whose photographs are in ``rows`` of its feed."""
        if self.partners is None or self.mix is None:
            return (rows,)
        mixed = rows, self.partners[step], self.mix.shares[step]
        return mixed if self.mix.boxes is None else (*mixed, self.mix.boxes[step])


def draw_epoch(
    components: PhaseComponents,
    labels: npt.NDArray[np.integer[Any]],
    classes: int,
    per_class: int,
    seed: tuple[int, ...],
    *,
    progress: float = 0.0,
) -> EpochBatches:
    """Draw an epoch: batches by the sampler, the targets of their photographs, and how these are mixed.

    It depends on ``seed`` and ``progress``, the share of the phase's epochs that are done, alone.
    """
    steps = steps_per_epoch(len(labels), classes, per_class)
    request = SamplingRequest(labels=labels, classes=classes, per_class=per_class, steps=steps, progress=progress)
    indices = np.ascontiguousarray(components.draw(request, np.random.default_rng(seed)), dtype=np.int32)
    targets = components.targets[indices]
    if components.mixing is None:
        return EpochBatches(indices, targets)
    generator = np.random.default_rng((*seed, 1))
    mix = components.mixing.draw(indices.shape, generator)
    partners = generator.permuted(np.broadcast_to(np.arange(indices.shape[1], dtype=np.int32), indices.shape), axis=1)
    others = np.take_along_axis(targets, partners[..., np.newaxis], axis=1)
    share = mix.shares
    if mix.boxes is not None:
        top, bottom, left, right = np.moveaxis(mix.boxes, -1, 0)
        share = share * (1 - (bottom - top) * (right - left))
    share = share[..., np.newaxis]
    return EpochBatches(indices, share * targets + (1 - share) * others, partners, mix)


def sequential_batches(count: int, size: int) -> Iterator[Indices]:
    """Yield the indices 0..count-1 in batches of ``size``; the last is filled up with 0."""
    for start in range(0, count, size):
        indices = np.arange(start, start + size, dtype=np.int32)
        yield np.where(indices < count, indices, 0).astype(np.int32)
