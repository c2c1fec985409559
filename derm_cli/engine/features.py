"""Features of photographs that do not change, computed once by the frozen part of a network and cached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.console import progress_bar
from derm_cli.engine.batches import sequential_batches
from derm_cli.engine.cutting import Cut
from derm_cli.engine.feeding import PhotographSource
from derm_cli.engine.network import Network
from derm_cli.engine.stepping import Forward, make_forward

BATCH = 32
"""Photographs in a batch of a forward pass without training."""


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


def feature_shape(cut: Cut) -> tuple[int, ...]:
    """Return the shape of the cached features of one photograph: (h, w, channels).

    Where the head alone learns, that is the average over the map: the head is linear until its own average, so it gives
    the same logits for the average as for the map.
    """
    height, width, channels = cut.features[0].shape[1:]
    return (1, 1, channels) if cut.body is None else (height, width, channels)


def feature_bytes(cut: Cut, photographs: int) -> int:
    """Return the bytes that the features of so many photographs take."""
    return photographs * int(np.prod(feature_shape(cut))) * 4


def compute_features(cut: Cut, photographs: PhotographSource, compiled: bool, label: str) -> CachedFeatures:
    """Return the features of every photograph at the cut, in inference mode; ``label`` heads the progress bar."""
    (flow,) = keras.tree.flatten(cut.below.output)
    if cut.body is None:
        flow = keras.layers.GlobalAveragePooling2D(keepdims=True, dtype="float32")(flow)
    below = make_forward(keras.Model([cut.network.model.input], flow), compiled)
    count = photographs.shape[0]
    values = np.empty((count, *feature_shape(cut)), dtype=np.float32)
    with progress_bar(count, label) as advance:
        for indices in sequential_batches(count, BATCH):
            (outputs,) = below(photographs.take(indices).astype(np.float32))
            filled = min(BATCH, count - int(indices[0]))
            values[indices[:filled]] = outputs[:filled]
            advance(filled)
    return CachedFeatures(values)


def predict_probabilities(network: Network, photographs: PhotographSource, compiled: bool) -> npt.NDArray[np.float32]:
    """Return the probabilities of photographs in the precision that the network is in, float32 (n, classes)."""
    return _predict_output(network, network.model.output, photographs, compiled)


def predict_logits(network: Network, photographs: PhotographSource, compiled: bool) -> npt.NDArray[np.float32]:
    """Return the logits of photographs, float32 (n, classes), as :func:`predict_probabilities` does."""
    return _predict_output(network, network.logits, photographs, compiled)


def _predict_output(
    network: Network, output: Any, photographs: PhotographSource, compiled: bool
) -> npt.NDArray[np.float32]:
    model = make_forward(keras.Model([network.model.input], output), compiled)
    return model_outputs(model, photographs).astype(np.float32)


def model_outputs(model: Forward, source: PhotographSource) -> npt.NDArray[Any]:
    """Return the output of ``model``, which has one, for every photograph or cached feature of ``source``."""
    count = source.shape[0]
    outputs = [model(source.take(indices).astype(np.float32))[0] for indices in sequential_batches(count, BATCH)]
    return np.concatenate(outputs)[:count]
