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
    """A stage's photographs, uint8 (n, size, size, 3), or features cached in their stead, that are read by index."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[Any]: ...


class Resident(keras.layers.Layer):
    """Photographs, or features cached in their stead, as a constant of the network.

    Rows, int32 (n,), in; float32 (n, h, w, channels) out: RGB of 0..255 where photographs are kept, as uint8.
    """

    def __init__(self, shape: tuple[int, ...], storage_dtype: str = "uint8", **options: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **options)
        self.photographs = self.add_weight(
            shape=shape, dtype=storage_dtype, initializer="zeros", trainable=False, autocast=False, name="photographs"
        )

    def call(self, rows: Any) -> Any:
        """Look the photographs up."""
        return ops.cast(ops.take(self.photographs, rows, axis=0), "float32")


class Feed:
    """Keeps the photographs that the next steps need in :attr:`layer`.

    Photographs that take no more than ``resident_bytes`` are there whole, else in windows of ``window_bytes``, which
    hold ``batch_size`` photographs, a batch, at least.  ``round_up_rows`` rounds the number of photographs up, so that
    stages of about the same number have the same shape and with it the same program.
    """

    def __init__(
        self,
        source: PhotographSource,
        batch_size: int,
        resident_bytes: int,
        window_bytes: int = WINDOW_BYTES,
        round_up_rows: bool = False,
    ) -> None:
        count, *shape = source.shape
        self._source = source
        self.resident = source.nbytes <= resident_bytes
        epoch_steps = steps_per_epoch(count, 1, batch_size)
        self.window_steps = min(epoch_steps, max(1, window_bytes // (batch_size * max(1, source.nbytes // count))))
        row_count = count if self.resident else self.window_steps * batch_size
        row_count = _round_up(row_count) if round_up_rows and self.resident else row_count
        self.layer = Resident((row_count, *shape), source.dtype.name, name="photographs")
        if self.resident:
            self.layer.photographs.assign(self._padded(np.arange(count)))

    def rows(
        self, batches: Indices, start: int = 0, before_replacing: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[int, Indices]]:
        """Yield for each step of the epoch ``batches`` (steps, n), from ``start`` on, the rows of its batch.

        Pairs of a step and rows, int32 (n,).  The layer holds them until the next pair is asked for; the photographs
        of the next window are read meanwhile.  ``before_replacing`` is called before the layer's are replaced.
        """
        if self.resident:
            yield from ((step, batches[step]) for step in range(start, len(batches)))
            return
        steps = range(len(batches))
        parts = [steps[first : first + self.window_steps] for first in range(start, len(batches), self.window_steps)]
        with ThreadPoolExecutor(1) as reader:
            pending = [reader.submit(self._padded, batches[parts[0]].reshape(-1))] if parts else []
            for number, part in enumerate(parts):
                pixels = pending.pop().result()
                before_replacing()
                self.layer.photographs.assign(pixels)
                if number + 1 < len(parts):
                    pending.append(reader.submit(self._padded, batches[parts[number + 1]].reshape(-1)))
                for position, step in enumerate(part):
                    yield step, np.arange(batches.shape[1], dtype=np.int32) + np.int32(position * batches.shape[1])

    def _padded(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
        """Read photographs into an array of the layer's shape, a few at a time: each source takes copies of its own."""
        padded = np.zeros(self.layer.photographs.shape, dtype=self._source.dtype)
        for first in range(0, len(indices), READ_AT_ONCE):
            chunk = indices[first : first + READ_AT_ONCE]
            padded[first : first + len(chunk)] = self._source.take(chunk)
        return padded


def _round_up(count: int) -> int:
    """Round up to one of four numbers between a power of two and the next: a quarter more at most."""
    quarter = max(1, 1 << max(0, count.bit_length() - 3))
    return -(-count // quarter) * quarter
