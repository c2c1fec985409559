"""What dermatologists look for in a lesion, each as a field of 0..1: the vocabulary that lesions are drawn with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from derm_datasets.synthetic.drawing.fields import Field, Point, discs, fractal, noise, step, strokes


@dataclass
class Outline:
    """Where a lesion lies: ``level`` is 1 in its middle and 0 at its border; ``radius`` is its mean one, of 1."""

    level: Field
    radius: float
    x: Field
    y: Field

    @property
    def side(self) -> int:
        """The side in pixels."""
        return int(self.level.shape[0])

    def mask(self, softness: float) -> Field:
        """Return 1 inside and 0 outside; the border is ``softness`` wide, as a share of the radius."""
        return step(self.level, -softness / 2, softness / 2)

    def rim(self, width: float, depth: float = 0.0) -> Field:
        """Return 1 along the border and 0 elsewhere; ``depth`` moves the ring inwards (shares of the radius)."""
        distance = (self.level - np.float32(depth)) * np.float32(1 / width)
        return np.asarray(np.exp(-distance * distance))

    def dome(self, flatness: float = 1.0) -> Field:
        """Return the height of a dome over the lesion, 0..1; a small ``flatness`` gives a plateau with steep sides."""
        return np.asarray(1 - (1 - np.clip(self.level / np.float32(flatness), 0, 1)) ** 2)

    def random_point(self, rng: np.random.Generator, reach: float = 0.7) -> Point:
        """Return a point inside the lesion, at most ``reach`` of its radius from the middle."""
        angle, far = rng.uniform(0, 2 * np.pi), self.radius * reach * np.sqrt(rng.random())
        return float(far * np.cos(angle)), float(far * np.sin(angle))

    def blob(self, rng: np.random.Generator, size: float, reach: float = 0.7, softness: float = 0.5) -> Field:
        """Return a ragged spot inside the lesion, its radius ``size`` of the lesion's."""
        x, y = self.random_point(rng, reach)
        radius = np.float32(size * self.radius)
        level = 1 - np.hypot(self.x - np.float32(x), self.y - np.float32(y)) / radius
        level = level + np.float32(0.3) * fractal(rng, self.side, 1.6 / float(radius), 2)
        return step(level, -softness / 2, softness)


def outline(
    rng: np.random.Generator,
    x: Field,
    y: Field,
    radius: float,
    *,
    elongation: float = 1.15,
    asymmetry: float = 0.06,
    irregularity: float = 0.04,
) -> Outline:
    """Return an ellipse of the mean ``radius`` that noise deforms: as a whole (``asymmetry``) and along its border."""
    side, angle = x.shape[0], rng.uniform(0, np.pi)
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    stretch = np.float32(np.sqrt(elongation) / radius)
    squeeze = np.float32(1 / np.sqrt(elongation) / radius)
    level = 1 - np.hypot((x * cosine + y * sine) * squeeze, (y * cosine - x * sine) * stretch)
    level += np.float32(asymmetry) * noise(rng, side, 1.5 / radius)
    level += np.float32(irregularity) * fractal(rng, side, 5 / radius, 3)
    return Outline(level, radius, x, y)


def network(rng: np.random.Generator, area: Outline, spacing: float, disorder: float) -> Field:
    """Return a pigment network, a mesh of lines ``spacing`` apart; ``disorder`` (0..1) bends and breaks it."""
    side, wave = area.side, np.float32(2 * np.pi / spacing)
    near, far = np.float32(spacing * 0.22), np.float32(spacing * (0.5 + 1.5 * disorder))
    x = area.x + near * noise(rng, side, 1.4 / spacing) + far * noise(rng, side, 0.25 / spacing)
    y = area.y + near * noise(rng, side, 1.4 / spacing) + far * noise(rng, side, 0.25 / spacing)
    holes = np.zeros((side, side), np.float32)
    for angle in rng.uniform(0, np.pi) + np.arange(3) * np.pi / 3:
        holes += np.cos(wave * (np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y))
    thick = np.float32(0.35 + 0.9 * disorder) * fractal(rng, side, 2.0 / area.radius, 2)
    return step(holes + thick, 1.4, -1.2)


def globules(
    rng: np.random.Generator, area: Outline, count: int, sizes: tuple[float, float], reach: float = 0.85
) -> Field:
    """Return ``count`` round dots inside the lesion, their radii of 1 (not of the lesion's)."""
    centres = [area.random_point(rng, reach) for _ in range(count)]
    return discs(area.side, centres, rng.uniform(*sizes, count))


def rays(rng: np.random.Generator, area: Outline, count: float) -> Field:
    """Return short streaks that run outwards at the border, uneven in length, on some sides and not on others."""
    angle = np.arctan2(area.y, area.x) + np.float32(0.2) * noise(rng, area.side, 2 / area.radius)
    waves = np.cos(np.float32(round(count)) * angle) + np.float32(0.5) * np.cos(np.float32(round(count * 0.4)) * angle)
    sides = step(noise(rng, area.side, 1.5 / area.radius), 0.0, 0.7)
    tips = area.level + np.float32(0.1) * noise(rng, area.side, 5 / area.radius)
    return np.asarray(step(waves, 0.1, 1.0) * step(tips, -0.22, 0.05) * step(area.level, 0.3, 0.05) * sides)


def branching_vessels(rng: np.random.Generator, area: Outline, trunks: int) -> Field:
    """Return vessels that enter at the border and branch like trees, thinner with each branch."""
    lines: list[tuple[list[Point], float]] = []

    def grow(start: Point, heading: float, width: float, length: int) -> None:
        points, (x, y) = [start], start
        pace = area.radius * 0.09
        for _ in range(length):
            heading += rng.normal(0, 0.3)
            x, y = x + pace * np.cos(heading), y + pace * np.sin(heading)
            points.append((x, y))
            if width > 0.005 and rng.random() < 0.22:
                grow((x, y), heading + rng.choice((-1, 1)) * rng.uniform(0.5, 1.0), width * 0.62, length - 2)
        lines.append((points, width))

    for _ in range(trunks):
        angle = rng.uniform(0, 2 * np.pi)
        start = (area.radius * 0.95 * np.cos(angle), area.radius * 0.95 * np.sin(angle))
        grow(start, angle + np.pi + rng.normal(0, 0.5), rng.uniform(0.008, 0.015), 9)
    return strokes(area.side, lines)


def convolutions(rng: np.random.Generator, area: Outline, turns: float) -> Field:
    """Return winding ridges as on a brain (1) with furrows between them (0)."""
    winding = noise(rng, area.side, 1.6 / area.radius) + np.float32(0.25) * noise(rng, area.side, 5 / area.radius)
    return np.asarray(0.5 + 0.5 * np.cos(np.float32(turns) * winding))


def scales(rng: np.random.Generator, area: Outline, cover: float, size: float = 0.035) -> Field:
    """Return flakes of ``size`` (of 1) that cover about the share ``cover`` of the lesion, thicker here and there."""
    flakes = np.abs(noise(rng, area.side, 1 / size)) + np.float32(0.6) * np.abs(noise(rng, area.side, 2.3 / size))
    where = noise(rng, area.side, 2.2 / area.radius) + np.float32(3.2 * (cover - 0.5))
    return np.asarray(step(flakes, 0.35, 1.5) * step(where, -0.5, 0.8))


def softened(field: Field, width: float) -> Field:
    """Return ``field`` blurred; ``width`` is the Gaussian's deviation, of 1."""
    return np.asarray(gaussian_filter(field, width * field.shape[0] / 2, mode="nearest", truncate=2.5))
