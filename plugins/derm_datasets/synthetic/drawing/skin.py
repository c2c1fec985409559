"""Skin as optics: what absorbs, what scatters, what stands out; and the colour that comes of it.

Light that leaves skin is weakened by each absorber as Beer and Lambert have it: reflectance = base * exp(-density *
spectrum).  So a nevus on dark skin is darker than the skin yet hardly stands out, as it is in life.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from derm_datasets.synthetic.drawing.fields import Field, coordinates, discs, fractal, noise, strokes

BASE = (0.93, 0.80, 0.72)
"""Reflectance (linear red, green, blue) of skin without pigment and blood."""
MELANIN = (0.63, 0.94, 1.14)
"""Absorption by melanin near the surface: brown."""
DEEP = (1.05, 0.74, 0.42)
"""Absorption by melanin deep in the skin, whose light is scattered back blue (Tyndall): grey-blue."""
BLOOD = (0.20, 1.00, 0.74)
"""Absorption by haemoglobin: red."""
WHITE = (0.86, 0.80, 0.78)
"""Reflectance of scars, scales and cysts."""
KERATIN = (0.70, 0.49, 0.27)
"""Reflectance of thick keratin: yellow."""

MELANIN_OF_TYPE = ((0.05, 0.14), (0.14, 0.28), (0.28, 0.5), (0.5, 0.85), (0.85, 1.5), (1.5, 2.4))
"""Melanin density of unlesioned skin for Fitzpatrick I..VI."""
TONE_BLOOD = (0.18, 0.42)
"""Haemoglobin density of unlesioned skin."""


@dataclass
class Patch:
    """A square of skin around a lesion: densities of absorbers, opacities (0..1) of what scatters, and height.

    Each field is float32 (side, side), over x and y of -1..1; the lesion is in the middle.
    """

    x: Field
    y: Field
    melanin: Field
    deep: Field
    blood: Field
    white: Field
    keratin: Field
    height: Field

    @property
    def side(self) -> int:
        """The side in pixels."""
        return int(self.x.shape[0])

    def albedo(self) -> Field:
        """Return the share of light that each place reflects: linear RGB 0..1, (side, side, 3)."""
        channels = []
        for base, melanin, deep, blood, white, keratin in zip(BASE, MELANIN, DEEP, BLOOD, WHITE, KERATIN, strict=True):
            density = self.melanin * np.float32(melanin)
            density += self.deep * np.float32(deep)
            density += self.blood * np.float32(blood)
            channel = np.exp(-np.maximum(density, 0)) * np.float32(base)
            channel += self.white * (np.float32(white) - channel)
            channel += self.keratin * (np.float32(keratin) - channel)
            channels.append(channel)
        return np.stack(channels, axis=-1)


def bare_skin(
    lesion_rng: np.random.Generator,
    patient_rng: np.random.Generator,
    side: int,
    *,
    fitzpatrick: int,
    age: int,
    sunny: bool,
) -> Patch:
    """Return skin without a lesion: its tone from the random numbers of the patient, the rest from those of the lesion.

    Age (years) and sun bring furrows, spots and small vessels.
    """
    x, y = coordinates(side)
    tone = patient_rng.uniform(*MELANIN_OF_TYPE[fitzpatrick - 1])
    redness = patient_rng.uniform(*TONE_BLOOD)
    weather = min(max((age - 30) / 50, 0), 1) * (1.0 if sunny else 0.5)
    mottled = fractal(lesion_rng, side, 5, 4)
    melanin = np.float32(tone) * (1 + np.float32(0.06 + 0.1 * weather) * mottled)
    melanin += np.float32(0.05 * weather) * np.maximum(noise(lesion_rng, side, 14), 0)
    blood = np.float32(redness) * (1 + np.float32(0.22) * fractal(lesion_rng, side, 7, 4))
    if lesion_rng.random() < 0.25 + 0.5 * weather:
        melanin += _spots(lesion_rng, side, weather)
    if sunny and lesion_rng.random() < weather:
        blood += np.float32(0.35) * _small_vessels(lesion_rng, side)
    empty = np.zeros((side, side), np.float32)
    return Patch(x, y, melanin, empty, blood, empty.copy(), empty.copy(), _furrows(lesion_rng, side, weather))


def _furrows(rng: np.random.Generator, side: int, weather: float) -> Field:
    """Return the criss-cross of fine lines, whose ridges are 0.01 high."""
    fine = np.abs(noise(rng, side, 44)) + np.abs(noise(rng, side, 34))
    height = np.float32(0.0035) * np.minimum(fine, 1.6) + np.float32(0.0012) * noise(rng, side, 90)
    if weather > 0.3:
        height = height + np.float32(0.012 * weather) * np.minimum(np.abs(noise(rng, side, 11)), 0.6)
    return np.asarray(height, dtype=np.float32)


def _spots(rng: np.random.Generator, side: int, weather: float) -> Field:
    count = int(rng.integers(2, 8 + round(14 * weather)))
    centres = rng.uniform(-1, 1, (count, 2))
    far = np.hypot(*centres.T) > 0.35
    radii = rng.uniform(0.012, 0.05, count)
    spots = discs(side, [tuple(centre) for centre in centres[far]], radii[far], squeeze=rng.uniform(0.7, 1))
    ragged = np.clip(spots * (0.75 + 0.35 * noise(rng, side, 50)), 0, 1)
    return np.asarray(np.float32(rng.uniform(0.15, 0.5)) * ragged, dtype=np.float32)


def _small_vessels(rng: np.random.Generator, side: int) -> Field:
    lines = []
    for _ in range(int(rng.integers(3, 9))):
        start, heading = rng.uniform(-0.9, 0.9, 2), rng.uniform(0, 2 * np.pi)
        turns = heading + np.cumsum(rng.normal(0, 0.5, 8))
        points = start + np.cumsum(0.035 * np.stack([np.cos(turns), np.sin(turns)], axis=1), axis=0)
        lines.append(([tuple(point) for point in points], 0.006))
    return strokes(side, lines)
