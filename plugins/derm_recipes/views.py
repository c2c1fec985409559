"""Views of a photograph, whose answers are averaged (test-time augmentation; Krizhevsky et al. 2012, section 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Photographs = npt.NDArray[np.uint8]
    View = Callable[[Photographs], Photographs]


def none(options: Mapping[str, Any]) -> tuple[View, ...]:  # noqa: ARG001
    """Look at a photograph as it is."""
    return (_as_it_is,)


def flips(options: Mapping[str, Any]) -> tuple[View, ...]:  # noqa: ARG001
    """Look at a photograph as it is, and mirrored left to right."""
    return _as_it_is, _mirrored


def dihedral(options: Mapping[str, Any]) -> tuple[View, ...]:  # noqa: ARG001
    """Look at a photograph in its eight turns and mirrorings: a lesion has no upper side."""
    return tuple(_turned(turns, base) for base in (_as_it_is, _mirrored) for turns in range(4))


def _as_it_is(photographs: Photographs) -> Photographs:
    return photographs


def _mirrored(photographs: Photographs) -> Photographs:
    return photographs[:, :, ::-1]


def _turned(turns: int, base: View) -> View:
    return lambda photographs: np.rot90(base(photographs), turns, axes=(1, 2))
