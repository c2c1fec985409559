"""Mixing: each photograph of a batch with a partner, and their targets alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from derm_cli.plugin import MixDraw, Mixing


@dataclass(frozen=True)
class Mixup:
    """Mixup: the photographs are laid over each other (Zhang et al. 2018, equation 2), by shares of Beta(a, a)."""

    alpha: float
    boxed: bool = False

    def draw(self, shape: tuple[int, int], generator: np.random.Generator) -> MixDraw:
        """Draw the share that is left of each photograph."""
        return MixDraw(shares=generator.beta(self.alpha, self.alpha, shape).astype(np.float32))


@dataclass(frozen=True)
class CutMix:
    """CutMix: a box of the partner is set in (Yun et al. 2019, equations 1 and 2).

    The box covers 1 - l of the photograph, l of Beta(a, a), its centre is anywhere, and it is cut at the borders.
    """

    alpha: float
    boxed: bool = True

    def draw(self, shape: tuple[int, int], generator: np.random.Generator) -> MixDraw:
        """Draw a box for each photograph."""
        half = np.sqrt(1.0 - generator.beta(self.alpha, self.alpha, shape)) / 2
        y, x = generator.uniform(size=shape), generator.uniform(size=shape)
        edges = [y - half, y + half, x - half, x + half]
        boxes = np.clip(np.stack(edges, axis=-1), 0.0, 1.0).astype(np.float32)
        return MixDraw(shares=np.ones(shape, dtype=np.float32), boxes=boxes)


def none(options: Mapping[str, Any]) -> Mixing | None:  # noqa: ARG001
    """Mix nothing."""
    return None


def mixup(options: Mapping[str, Any]) -> Mixing:
    """Return mixup of an alpha."""
    return Mixup(options["alpha"])


def cutmix(options: Mapping[str, Any]) -> Mixing:
    """Return CutMix of an alpha."""
    return CutMix(options["alpha"])
