"""What the frozen part of a network gives for photographs that do not change: computed once, then kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.console import progress_bar
from derm_cli.engine.batches import in_order
from derm_cli.engine.cutting import Cut
from derm_cli.engine.feeding import PhotographSource
from derm_cli.engine.network import Network
from derm_cli.engine.stepping import Forward, forward

BATCH = 32
"""How many photographs are put through a network at a time where nothing is learnt from them."""


@dataclass(frozen=True)
class CachedFeatures:
    """Features in memory, float32 (n, h, w, channels), in the place of photographs."""

    values: npt.NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all features."""
        return self.values.shape

    @property
    def nbytes(self) -> int:
        """The bytes that they take."""
        return self.values.nbytes

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of a value."""
        return self.values.dtype

    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
        """Return the features at ``indices``."""
        return np.take(self.values, indices, axis=0)


def shape_kept(cut: Cut) -> tuple[int, ...]:
    """Return the shape of what is kept of one photograph: (h, w, channels).

    Where the head alone learns, that is the average over the places: the head is linear until its own average, so it
    gives the same logits for it as for the map.
    """
    height, width, channels = cut.features[0].shape[1:]
    return (1, 1, channels) if cut.body is None else (height, width, channels)


def bytes_kept(cut: Cut, photographs: int) -> int:
    """Return the bytes that the features of so many photographs take."""
    return photographs * int(np.prod(shape_kept(cut))) * 4


def features_of(cut: Cut, photographs: PhotographSource, compiled: bool, label: str) -> CachedFeatures:
    """Put every photograph through the part of the network below the cut, in inference mode."""
    (flow,) = keras.tree.flatten(cut.below.output)
    if cut.body is None:
        flow = keras.layers.GlobalAveragePooling2D(keepdims=True, dtype="float32")(flow)
    below = forward(keras.Model([cut.network.model.input], flow), compiled)
    count = photographs.shape[0]
    values = np.empty((count, *shape_kept(cut)), dtype=np.float32)
    with progress_bar(count, label) as advance:
        for places in in_order(count, BATCH):
            (found,) = below(photographs.take(places).astype(np.float32))
            here = min(BATCH, count - int(places[0]))
            values[places[:here]] = found[:here]
            advance(here)
    return CachedFeatures(values)


def probabilities_of(network: Network, photographs: PhotographSource, compiled: bool) -> npt.NDArray[np.float32]:
    """Return what the network says of photographs in the precision that it is in, float32 (n, classes)."""
    return _answers_of(network, network.model.output, photographs, compiled)


def logits_of(network: Network, photographs: PhotographSource, compiled: bool) -> npt.NDArray[np.float32]:
    """Return what comes before softmax, float32 (n, classes), as :func:`probabilities_of` does."""
    return _answers_of(network, network.logits, photographs, compiled)


def _answers_of(
    network: Network, output: Any, photographs: PhotographSource, compiled: bool
) -> npt.NDArray[np.float32]:
    model = forward(keras.Model([network.model.input], output), compiled)
    return answers(model, photographs).astype(np.float32)


def answers(model: Forward, source: PhotographSource) -> npt.NDArray[Any]:
    """Return what ``model``, which has one output, gives for every photograph or kept feature of ``source``."""
    count = source.shape[0]
    found = [model(source.take(places).astype(np.float32))[0] for places in in_order(count, BATCH)]
    return np.concatenate(found)[:count]
