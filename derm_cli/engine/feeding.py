"""How photographs reach the network: whole in the device's memory, or batch by batch; the same bits either way."""

from __future__ import annotations

from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from derm_cli.engine.batches import Indices

RESIDENT_BYTES = 4 << 30
"""Photographs that take no more than this are put into the device's memory whole."""


class PhotographSource(Protocol):
    """What the engine asks of a stage's photographs."""

    @property
    def shape(self) -> tuple[int, int, int, int]: ...
    @property
    def nbytes(self) -> int: ...
    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]: ...


class Resident(keras.layers.Layer):
    """Photographs as a constant of the network: indices, int32 (n,), in; float32 RGB 0..255 (n, h, w, 3) out.

    A batch crosses to the device as a few integers.
    """

    def __init__(self, source: PhotographSource, **options: Any) -> None:
        super().__init__(trainable=False, **options)
        self.photographs = self.add_weight(
            shape=source.shape, dtype="uint8", initializer="zeros", trainable=False, name="photographs"
        )
        self.photographs.assign(source.take(np.arange(source.shape[0])))

    def call(self, indices: Any) -> Any:
        """Look the photographs up."""
        return ops.cast(ops.take(self.photographs, indices, axis=0), "float32")


class Streamed(keras.utils.PyDataset):
    """Photographs, uint8, gathered on the host batch by batch, ahead of the step that needs them."""

    def __init__(self, source: PhotographSource, batches: Indices, labels: npt.NDArray[np.int32]) -> None:
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=8)
        self._source, self._batches, self._labels = source, batches, labels

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, step: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
        indices = self._batches[step]
        return self._source.take(indices), self._labels[indices]


class Cast(keras.layers.Layer):
    """uint8 in, float32 out: what :class:`Resident` ends with."""

    def call(self, photographs: Any) -> Any:
        """Cast the photographs."""
        return ops.cast(photographs, "float32")
