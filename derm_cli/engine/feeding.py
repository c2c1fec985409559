"""How photographs reach the network: as a constant in the device's memory, whole or window by window.

Either way a batch crosses to the device as a few integers and the network's graph is the same, so the bits are too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from derm_cli.engine.batches import Indices, steps_per_epoch

CPU_RESIDENT_BYTES = 256 << 20
"""On a CPU the device's memory is the host's, where the packed photographs are mapped already: no more than this."""
WINDOW_BYTES = 128 << 20
"""Of more than that, as many as take this are there at a time, and as many again are being read."""
READ_AT_ONCE = 64
"""How many photographs are read from their source in one call."""


class PhotographSource(Protocol):
    """What the engine asks of a stage's photographs, uint8 (n, size, size, 3), or of features kept in their place."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[Any]: ...


class Resident(keras.layers.Layer):
    """Photographs, or features kept in their place, as a constant of the network.

    Places, int32 (n,), in; float32 (n, h, w, channels) out: RGB of 0..255 where photographs are kept, as uint8.
    """

    def __init__(self, shape: tuple[int, ...], kept_as: str = "uint8", **options: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **options)
        self.photographs = self.add_weight(
            shape=shape, dtype=kept_as, initializer="zeros", trainable=False, autocast=False, name="photographs"
        )

    def call(self, places: Any) -> Any:
        """Look the photographs up."""
        return ops.cast(ops.take(self.photographs, places, axis=0), "float32")


class Feed:
    """Keeps the photographs that the next steps need in :attr:`layer`.

    Photographs that take no more than ``resident_bytes`` are there whole, else in windows of ``window_bytes``, which
    hold ``per_batch`` photographs, a batch, at least.  ``roomy`` rounds the number of photographs up, so that stages of
    about the same number have the same shape and with it the same program.
    """

    def __init__(
        self,
        source: PhotographSource,
        per_batch: int,
        resident_bytes: int,
        window_bytes: int = WINDOW_BYTES,
        roomy: bool = False,
    ) -> None:
        count, *shape = source.shape
        self._source = source
        self.resident = source.nbytes <= resident_bytes
        an_epoch = steps_per_epoch(count, 1, per_batch)
        self.window_steps = min(an_epoch, max(1, window_bytes // (per_batch * max(1, source.nbytes // count))))
        rows = count if self.resident else self.window_steps * per_batch
        rows = _rounded_up(rows) if roomy and self.resident else rows
        self.layer = Resident((rows, *shape), source.dtype.name, name="photographs")
        if self.resident:
            self.layer.photographs.assign(self._padded(np.arange(count)))

    def places(
        self, batches: Indices, start: int = 0, settle: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[int, Indices]]:
        """Yield for each step of the epoch ``batches`` (steps, n), from ``start`` on, where the layer holds its batch.

        Pairs of a step and places, int32 (n,).  The layer holds them until the next pair is asked for; the photographs
        of the next window are read meanwhile.  ``settle`` is called before the layer's photographs are replaced.
        """
        if self.resident:
            yield from ((step, batches[step]) for step in range(start, len(batches)))
            return
        steps = range(len(batches))
        parts = [steps[first : first + self.window_steps] for first in range(start, len(batches), self.window_steps)]
        with ThreadPoolExecutor(1) as reader:
            coming = [reader.submit(self._padded, batches[parts[0]].reshape(-1))] if parts else []
            for number, part in enumerate(parts):
                pixels = coming.pop().result()
                settle()
                self.layer.photographs.assign(pixels)
                if number + 1 < len(parts):
                    coming.append(reader.submit(self._padded, batches[parts[number + 1]].reshape(-1)))
                for place, step in enumerate(part):
                    yield step, np.arange(batches.shape[1], dtype=np.int32) + np.int32(place * batches.shape[1])

    def _padded(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
        """Read photographs into an array of the layer's shape, a few at a time: each source takes copies of its own."""
        rows = np.zeros(self.layer.photographs.shape, dtype=self._source.dtype)
        for first in range(0, len(indices), READ_AT_ONCE):
            some = indices[first : first + READ_AT_ONCE]
            rows[first : first + len(some)] = self._source.take(some)
        return rows


def _rounded_up(count: int) -> int:
    """Round up to one of four numbers between a power of two and the next: a quarter more at most."""
    quarter = max(1, 1 << max(0, count.bit_length() - 3))
    return -(-count // quarter) * quarter
