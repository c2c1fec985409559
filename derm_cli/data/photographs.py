"""Photographs of several packs as if they were one array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from derm_cli.data.preprocessing import Pixels


@dataclass(frozen=True)
class Photographs:
    """Rows picked from packs, in order.  ``parts`` are pairs of a pack's array and the rows picked from it."""

    parts: tuple[tuple[Pixels, npt.NDArray[np.intp]], ...]

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self.parts)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The shape of all of them as one array, (n, size, size, 3)."""
        _, height, width, channels = self.parts[0][0].shape
        return len(self), height, width, channels

    @property
    def nbytes(self) -> int:
        """The bytes that they take as one array."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        """The type of a pixel's value: uint8."""
        return np.dtype(np.uint8)

    def select(self, indices: npt.NDArray[np.intp]) -> Photographs:
        """Return the photographs at ``indices``, which rise, as such rows again; nothing is read."""
        parts, start = [], 0
        for pack, rows in self.parts:
            in_part = (indices >= start) & (indices < start + len(rows))
            parts.append((pack, rows[indices[in_part] - start]))
            start += len(rows)
        return Photographs(tuple(parts))

    def take(self, indices: npt.NDArray[np.integer]) -> Pixels:
        """Return the photographs at ``indices``, uint8 (len(indices), size, size, 3)."""
        photographs = np.empty((len(indices), *self.shape[1:]), dtype=np.uint8)
        start = 0
        for pack, rows in self.parts:
            in_part = (indices >= start) & (indices < start + len(rows))
            photographs[in_part] = pack[rows[indices[in_part] - start]]
            start += len(rows)
        return photographs


@dataclass(frozen=True)
class ViewedPhotographs:
    """Photographs as ``view`` arranges them: uint8 (n, size, size, 3) to the same form."""

    photographs: Photographs
    view: Callable[[Pixels], Pixels]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The shape of all of them as one array, (n, size, size, 3)."""
        return self.photographs.shape

    @property
    def nbytes(self) -> int:
        """The bytes that they take as one array."""
        return self.photographs.nbytes

    @property
    def dtype(self) -> np.dtype[np.uint8]:
        """The type of a pixel's value: uint8."""
        return self.photographs.dtype

    def take(self, indices: npt.NDArray[np.integer]) -> Pixels:
        """Return the photographs at ``indices``, arranged."""
        return np.ascontiguousarray(self.view(self.photographs.take(indices)))
