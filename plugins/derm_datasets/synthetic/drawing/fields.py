"""Fields: squares of float32, and the noise and strokes that everything is drawn with.

The coarse grids of noise do not depend on a field's side, so a photograph looks alike at every size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Field = npt.NDArray[np.floating[Any]]
Point = tuple[float, float]


def stream(*names: object) -> np.random.Generator:
    """Return the random numbers that belong to ``names``, whatever was drawn before."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def coordinates(side: int) -> tuple[Field, Field]:
    """Return x (to the right) and y (down) of every pixel, -1..1, each (side, side)."""
    axis = ((np.arange(side, dtype=np.float32) + 0.5) * (2 / side) - 1).astype(np.float32)
    x, y = np.meshgrid(axis, axis)
    return x, y


def resized(field: Field, side: int) -> Field:
    """Return ``field`` at another side, by bicubic interpolation."""
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize((side, side), Image.Resampling.BICUBIC))


def noise(rng: np.random.Generator, side: int, cells: float) -> Field:
    """Return smooth noise, mean about 0 and deviation about 1, with ``cells`` bumps along a side."""
    count = max(2, round(cells)) + 3
    grid = Image.fromarray(rng.standard_normal((count, count), dtype=np.float32) * np.float32(1.35))
    inside = (1.5, 1.5, count - 1.5, count - 1.5)
    return np.asarray(grid.resize((side, side), Image.Resampling.BICUBIC, box=inside))


def fractal(rng: np.random.Generator, side: int, cells: float, octaves: int = 3) -> Field:
    """Return noise on several scales, each twice as fine and 0.6 times as strong; deviation about 1."""
    strengths = [0.6**octave for octave in range(octaves)]
    total = sum(strength * noise(rng, side, cells * 2**octave) for octave, strength in enumerate(strengths))
    return np.asarray(total / np.float32(np.hypot.reduce(strengths)), dtype=np.float32)


def step(field: Field, low: float, high: float) -> Field:
    """Return 0 below ``low``, 1 above ``high`` (or the reverse where ``low`` > ``high``), smooth between."""
    t = np.clip((field - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def strokes(side: int, lines: Iterable[tuple[Sequence[Point], float]]) -> Field:
    """Return how far pixels are covered (0..1) by lines: each its points (x, y of -1..1) and its width, of 2 a side."""
    image = Image.new("L", (2 * side, 2 * side))
    draw = ImageDraw.Draw(image)
    for points, width in lines:
        draw.line([_pixel(point, side) for point in points], fill=255, width=max(1, round(width * side)), joint="curve")
    return _covered(image)


def discs(side: int, centres: Iterable[Point], radii: Iterable[float], squeeze: float = 1.0) -> Field:
    """Return how far pixels are covered (0..1) by discs; ``squeeze`` below 1 flattens them."""
    image = Image.new("L", (2 * side, 2 * side))
    draw = ImageDraw.Draw(image)
    for centre, radius in zip(centres, radii, strict=True):
        x, y = _pixel(centre, side)
        r = max(radius * side, 0.7)
        draw.ellipse((x - r, y - r * squeeze, x + r, y + r * squeeze), fill=255)
    return _covered(image)


def _pixel(point: Point, side: int) -> Point:
    return (float(point[0]) + 1) * side, (float(point[1]) + 1) * side


def _covered(image: Image.Image) -> Field:
    return np.asarray(image.reduce(2), dtype=np.float32) / np.float32(255)
