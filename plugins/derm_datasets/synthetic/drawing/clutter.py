"""What should not be on a photograph of a lesion and often is: hair, ink, stickers, bubbles, rulers, a black field."""

from __future__ import annotations

import numpy as np

from derm_datasets.synthetic.drawing.fields import Field, Point, coordinates, discs, step, strokes
from derm_datasets.synthetic.drawing.structures import Outline, softened

Rng = np.random.Generator

HAIR_COLOURS = ((0.012, 0.009, 0.008), (0.05, 0.028, 0.016), (0.16, 0.1, 0.05), (0.5, 0.48, 0.46))
"""Linear RGB of black, brown, fair and grey hair."""
INKS = ((1.0, 1.5, 0.35), (1.9, 1.2, 0.35), (1.6, 1.6, 1.3))
"""Absorption (red, green, blue) of violet, blue and black markers."""
STICKERS = ((0.85, 0.85, 0.84), (0.1, 0.35, 0.7), (0.75, 0.55, 0.05), (0.2, 0.5, 0.15))


def add_hair(albedo: Field, rng: Rng, person: Rng, age: int) -> None:
    """Lay hairs over the skin: fine ones of one direction, in the colour of the ``person``."""
    grey = person.random() < (age - 40) / 60
    colour = HAIR_COLOURS[3 if grey else int(person.choice(3, p=(0.45, 0.4, 0.15)))]
    heading, width = rng.uniform(0, 2 * np.pi), rng.uniform(0.006, 0.012)
    along = np.linspace(-0.5, 0.5, 9)
    lines = []
    for _ in range(int(rng.integers(3, 32))):
        x, y = rng.uniform(-1, 1, 2)
        angle, bend, length = heading + rng.normal(0, 0.45), rng.normal(0, 0.35), rng.uniform(0.25, 0.8)
        turned = angle + bend * along * 2
        points = [(x + length * t * np.cos(a), y + length * t * np.sin(a)) for t, a in zip(along, turned, strict=True)]
        lines.append((points, width * rng.uniform(0.6, 1.1)))
    _cover(albedo, strokes(albedo.shape[0], lines), colour, 0.85)


def add_ink(albedo: Field, rng: Rng, area: Outline) -> None:
    """Draw with a marker: a ring around the lesion, or a line beside it."""
    far = area.radius * rng.uniform(1.35, 1.7)
    if rng.random() < 0.6:
        start, sweep = rng.uniform(0, 2 * np.pi), rng.uniform(1.5, 2.0) * np.pi
        angles = start + np.linspace(0, sweep, 30)
        wander = far * (1 + 0.12 * np.sin(angles * rng.integers(2, 4) + start))
    else:
        angles = rng.uniform(0, 2 * np.pi) + np.linspace(-0.25, 0.25, 8)
        wander = np.full(8, far)
    points = [(r * np.cos(a), r * np.sin(a)) for r, a in zip(wander, angles, strict=True)]
    ink = softened(strokes(albedo.shape[0], [(points, rng.uniform(0.015, 0.035))]), 0.004)
    absorption = np.asarray(INKS[int(rng.integers(len(INKS)))], dtype=np.float32) * np.float32(rng.uniform(0.6, 1.2))
    albedo *= np.exp(-ink[..., None] * absorption)


def add_sticker(albedo: Field, rng: Rng, area: Outline) -> None:
    """Stick a ruler or a coloured label beside the lesion."""
    side, angle = albedo.shape[0], rng.uniform(0, 2 * np.pi)
    x, y = area.x, area.y
    along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    across = y * np.float32(np.cos(angle)) - x * np.float32(np.sin(angle))
    near = max(area.radius * 1.25, 0.3)
    if rng.random() < 0.6:
        inside = step(across, near, near + 0.008) * step(across, near + 0.2, near + 0.192)
        ticks = step(np.cos(along * np.float32(2 * np.pi / 0.05)), 0.75, 0.95) * step(across, near + 0.06, near + 0.052)
        _cover(albedo, inside, STICKERS[0], 0.97)
        _cover(albedo, inside * ticks, (0.03, 0.03, 0.03), 0.9)
        return
    radius, softness = rng.uniform(0.12, 0.2), 3 / side
    spot = step(np.hypot(along, across - np.float32(near + radius)), radius + softness, radius - softness)
    _cover(albedo, spot, STICKERS[int(rng.integers(1, len(STICKERS)))], 0.97)


def add_bubbles(light: Field, rng: Rng) -> None:
    """Leave air in a dermoscope's oil: bubbles with a bright rim and a spark."""
    side = light.shape[0]
    count = int(rng.integers(2, 14))
    cluster = rng.uniform(-0.9, 0.9, 2)
    centres: list[Point] = [(float(x), float(y)) for x, y in cluster + rng.normal(0, 0.35, (count, 2))]
    radii = rng.uniform(0.015, 0.07, count)
    outer, inner = discs(side, centres, radii), discs(side, centres, radii * 0.8)
    sparks = discs(side, [(x - 0.4 * r, y - 0.4 * r) for (x, y), r in zip(centres, radii, strict=True)], radii * 0.16)
    light *= 1 - np.float32(0.12) * inner[..., None]
    light += (np.float32(0.16) * np.clip(outer - inner, 0, 1) + np.float32(0.6) * sparks)[..., None]


def add_ruler(light: Field, rng: Rng) -> None:
    """Engrave the dermoscope's scale at an edge of the frame."""
    x, y = coordinates(light.shape[0])
    if rng.random() < 0.5:
        x, y = y, x
    y = y * np.float32(rng.choice((-1, 1)))
    spacing = rng.uniform(0.08, 0.14)
    long = step(np.cos(x * np.float32(2 * np.pi / (5 * spacing))), 0.985, 0.995) * step(y, 0.78, 0.8)
    short = step(np.cos(x * np.float32(2 * np.pi / spacing)), 0.8, 0.95) * step(y, 0.88, 0.9)
    light *= 1 - np.float32(0.85) * np.maximum(long, short)[..., None]


def add_dark_field(light: Field, rng: Rng) -> None:
    """Show the end of the dermoscope's round field: black beyond it."""
    x, y = coordinates(light.shape[0])
    centre, radius, softness = rng.normal(0, 0.04, 2), rng.uniform(0.98, 1.25), rng.uniform(0.01, 0.06)
    away = np.hypot(x - np.float32(centre[0]), y - np.float32(centre[1]))
    light *= (np.float32(0.012) + np.float32(0.988) * step(away, radius + softness, radius - softness))[..., None]


def add_shadow(light: Field, rng: Rng) -> None:
    """Let the hand that holds the phone stand in the light."""
    x, y = coordinates(light.shape[0])
    angle, edge = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.9)
    across = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) + np.float32(0.2) * (x * y)
    light *= (1 - np.float32(rng.uniform(0.25, 0.5)) * step(across, edge, edge + rng.uniform(0.15, 0.5)))[..., None]


def _cover(albedo: Field, where: Field, colour: tuple[float, float, float], opacity: float) -> None:
    albedo += (np.float32(opacity) * where)[..., None] * (np.asarray(colour, dtype=np.float32) - albedo)
