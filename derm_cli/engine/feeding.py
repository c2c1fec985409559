"""How photographs reach the network: as a constant in the device's memory, whole or window by window.

Either way a batch crosses to the device as a few integers and the network's graph is the same, so the bits are too.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from derm_cli.engine.batches import Indices

RESIDENT_BYTES = 2 << 30
"""Photographs that take no more than this are put into the device's memory whole."""
WINDOW_BYTES = 256 << 20
"""Of more than that, as many as take this are there at a time, and as many again are being read."""


class PhotographSource(Protocol):
    """What the engine asks of a stage's photographs."""

    @property
    def shape(self) -> tuple[int, int, int, int]: ...
    @property
    def nbytes(self) -> int: ...
    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]: ...


class Resident(keras.layers.Layer):
    """Photographs as a constant of the network: places, int32 (n,), in; float32 RGB 0..255 (n, h, w, 3) out."""

    def __init__(self, shape: tuple[int, int, int, int], **options: Any) -> None:
        super().__init__(trainable=False, **options)
        self.photographs = self.add_weight(
            shape=shape, dtype="uint8", initializer="zeros", trainable=False, name="photographs"
        )

    def call(self, places: Any) -> Any:
        """Look the photographs up."""
        return ops.cast(ops.take(self.photographs, places, axis=0), "float32")


class Feed:
    """Keeps the photographs that the next steps need in :attr:`layer`.

    ``per_batch`` is the number of photographs of a batch, which a window holds at least.
    """

    def __init__(
        self,
        source: PhotographSource,
        per_batch: int,
        resident_bytes: int = RESIDENT_BYTES,
        window_bytes: int = WINDOW_BYTES,
    ) -> None:
        count, *shape = source.shape
        self._source = source
        self.resident = source.nbytes <= resident_bytes
        self.window_steps = max(1, window_bytes // (per_batch * source.nbytes // count))
        rows = count if self.resident else self.window_steps * per_batch
        self.layer = Resident((rows, *shape), name="photographs")  # type: ignore[arg-type]
        if self.resident:
            self.layer.photographs.assign(source.take(np.arange(count)))

    def windows(self, batches: Indices) -> Iterator[tuple[Indices, Indices]]:
        """Yield (indices, places): parts of the epoch ``batches`` (steps, n), and where the layer holds them.

        The layer holds a part's photographs until the next part is asked for; those are read meanwhile.
        """
        if self.resident:
            yield batches, batches
            return
        parts = [batches[start : start + self.window_steps] for start in range(0, len(batches), self.window_steps)]
        with ThreadPoolExecutor(1) as reader:
            coming = reader.submit(self._read, parts[0])
            for number, part in enumerate(parts):
                self.layer.photographs.assign(coming.result())
                if number + 1 < len(parts):
                    coming = reader.submit(self._read, parts[number + 1])
                yield part, np.arange(part.size, dtype=np.int32).reshape(part.shape)

    def _read(self, part: Indices) -> npt.NDArray[np.uint8]:
        window = np.zeros(self.layer.photographs.shape, dtype=np.uint8)
        window[: part.size] = self._source.take(part.reshape(-1))
        return window
