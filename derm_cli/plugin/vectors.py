"""Vectors that stand in place of photographs: what a foundation model says of each, from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class VectorFile(Protocol):
    """A file of vectors, opened by the ``vectors`` of a BackboneSpec: all of one length, all of finite numbers.

    ``dimensions`` is that length.  A vector reaches the network in the place and in the form of a photograph: as a
    square of ``side`` pixels, which the backbone turns into numbers again.
    """

    dimensions: int
    side: int

    def square(self, case: str, file: str) -> npt.NDArray[np.uint8] | None:
        """Return the vector of a photograph, by its case or its file, uint8 (side, side, 3); None without one."""
