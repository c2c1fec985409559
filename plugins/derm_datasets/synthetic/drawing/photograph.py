"""From a case to its photograph: the skin and its lesion, seen in a pose, under a light, through a camera."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from derm_datasets.synthetic.conditions import SUNNY, condition_and_form
from derm_datasets.synthetic.domains import Camera, Domain
from derm_datasets.synthetic.drawing.clutter import (
    add_bubbles,
    add_dark_field,
    add_hair,
    add_ink,
    add_ruler,
    add_shadow,
    add_sticker,
)
from derm_datasets.synthetic.drawing.fields import Field, coordinates, noise, stream
from derm_datasets.synthetic.drawing.lesions import draw
from derm_datasets.synthetic.drawing.skin import bare_skin
from derm_datasets.synthetic.patients import SyntheticCase

MARGIN = 1.5
"""Pixels of drawn skin, along a side, for each of the photograph: there is more skin than any one view shows."""
IMAGE_DESCRIPTION = 0x010E
"""EXIF's tag for a text about the photograph."""

Rng = np.random.Generator


def draw_lesion(domain: Domain, views: Sequence[SyntheticCase], size: int, description: str) -> Iterator[bytes]:
    """Yield each of the ``views`` of one lesion as a JPEG file of ``size`` pixels a side.

    The skin depends on seed, domain, patient and lesion alone, a view on its own number besides: neither the other
    views nor other lesions matter.  ``description`` is written into the file's EXIF.
    """
    albedo, height = _skin_with_lesion(domain, views[0], round(size * MARGIN))
    for case in views:
        rng = stream(case.seed, domain.name, case.lesion, "view", case.view)
        pixels = _photograph(albedo, height, domain, size, rng)
        exif = Image.Exif()
        exif[IMAGE_DESCRIPTION] = description
        file = io.BytesIO()
        quality = round(rng.uniform(*domain.camera.quality))
        Image.fromarray(pixels).save(file, "JPEG", quality=quality, exif=exif)
        yield file.getvalue()


def _skin_with_lesion(domain: Domain, case: SyntheticCase, side: int) -> tuple[Field, Field]:
    """Return albedo (linear RGB, (side, side, 3)) and height (of 1, the half side)."""
    patient_rng = stream(case.seed, domain.name, case.patient)
    lesion_rng = stream(case.seed, domain.name, case.lesion, "skin")
    rng = stream(case.seed, domain.name, case.lesion, "lesion")
    patch = bare_skin(
        lesion_rng, patient_rng, side, fitzpatrick=case.fitzpatrick, age=case.age, sunny=case.site in SUNNY
    )
    area = draw(patch, rng, *condition_and_form(case.diagnosis), domain.depth)
    for opacity in (patch.white, patch.keratin):
        np.clip(opacity, 0, 1, out=opacity)
    albedo = patch.albedo()
    chance = lesion_rng.random(3)
    if chance[0] < domain.clutter.ink:
        add_ink(albedo, lesion_rng, area)
    if chance[1] < domain.clutter.sticker:
        add_sticker(albedo, lesion_rng, area)
    if chance[2] < domain.clutter.hair:
        add_hair(albedo, lesion_rng, patient_rng, case.age)
    return albedo, patch.height


def _photograph(albedo: Field, height: Field, domain: Domain, size: int, rng: Rng) -> Field:
    """Return one view as uint8 sRGB, (size, size, 3)."""
    camera, clutter = domain.camera, domain.clutter
    visible, relief = _posed(albedo, height, camera, size, rng)
    light = _lit(visible, relief, camera, rng)
    chance = rng.random(4)
    if chance[0] < clutter.bubbles:
        add_bubbles(light, rng)
    if chance[1] < clutter.ruler:
        add_ruler(light, rng)
    if chance[2] < clutter.shadow:
        add_shadow(light, rng)
    if chance[3] < clutter.dark_field:
        add_dark_field(light, rng)
    return _developed(light, camera, rng)


def _posed(albedo: Field, height: Field, camera: Camera, size: int, rng: Rng) -> tuple[Field, Field]:
    """Cut the view out of the skin; heights are divided by the magnification, so that slopes stay what they are."""
    side = albedo.shape[0]
    reach, angle = rng.uniform(*camera.reach), np.deg2rad(rng.uniform(-camera.turn, camera.turn))
    tilt, axis = 1 - rng.uniform(*camera.tilt), rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    along = np.array([np.cos(axis), np.sin(axis)])
    pose = reach * side / size * turn @ (np.eye(2) + (tilt - 1) * np.outer(along, along))
    middle = side / 2 * (1 + rng.uniform(-camera.shift, camera.shift, 2)) - pose @ np.full(2, size / 2)
    matrix = (pose[0, 0], pose[0, 1], middle[0], pose[1, 0], pose[1, 1], middle[1])

    def cut(layer: Field) -> Field:
        image = Image.fromarray(np.ascontiguousarray(layer, dtype=np.float32))
        return np.asarray(image.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC))

    visible = np.stack([cut(albedo[..., channel]) for channel in range(3)], axis=-1)
    return np.maximum(visible, np.float32(0.002)), cut(height) / np.float32(reach)


def _lit(visible: Field, relief: Field, camera: Camera, rng: Rng) -> Field:
    """Return the light that reaches the lens: linear RGB, about 0..1."""
    size = visible.shape[0]
    x, y = coordinates(size)
    down, right = (np.asarray(np.gradient(relief, np.float32(2 / size), axis=axis)) for axis in (0, 1))
    heading = rng.uniform(0, 2 * np.pi)
    toward = np.float32(np.cos(heading)), np.float32(np.sin(heading))
    slope = right * toward[0] + down * toward[1]
    shade = np.clip(1 + np.float32(rng.uniform(*camera.relief)) * slope, 0.35, 1.7)
    uneven = rng.uniform(*camera.uneven)
    shade *= 1 + np.float32(uneven * 0.6) * (x * toward[0] + y * toward[1])
    shade *= 1 + np.float32(uneven * 0.25) * noise(rng, size, 2)
    shade *= 1 - np.float32(rng.uniform(*camera.vignette) / 2) * (x * x + y * y)
    shade *= np.float32(2 ** rng.uniform(*camera.exposure))
    warmth, tint = rng.uniform(*camera.warmth), rng.uniform(*camera.tint)
    lamp = np.array([1 + 0.22 * warmth + 0.12 * tint, 1 - 0.18 * tint, 1 - 0.35 * warmth + 0.12 * tint], np.float32)
    light = visible * np.maximum(shade, 0)[..., None] * lamp
    mirror = (slope - np.float32(0.9)) ** 2 + (right * toward[1] - down * toward[0]) ** 2
    gloss = np.float32(rng.uniform(*camera.gloss)) * np.exp(mirror * np.float32(-4))
    light += gloss[..., None] * lamp
    return np.asarray(light, dtype=np.float32)


def _developed(light: Field, camera: Camera, rng: Rng) -> Field:
    """Return what the camera makes of light: blur, noise, sharpening and colour, as uint8 sRGB."""
    size = light.shape[0]
    light = _blurred(light, rng.uniform(*camera.blur) * size / 1000)
    grain = rng.standard_normal(light.shape, dtype=np.float32) * np.sqrt(np.clip(light, 0.01, 1))
    light += np.float32(rng.uniform(*camera.noise)) * grain
    values: Field = np.clip(light, 0, 1.6)
    values = np.where(values > 0.8, 0.8 + 0.2 * np.tanh((values - 0.8) * 3), values) ** np.float32(1 / 2.2)
    grey = values.mean(axis=-1, keepdims=True)
    values = grey + np.float32(rng.uniform(*camera.saturation)) * (values - grey)
    strength = np.float32(rng.uniform(*camera.sharpen))
    values = values + strength * (values - _blurred(values, size / 150))
    return np.asarray(np.clip(values * 255 + 0.5, 0, 255), dtype=np.uint8)


def _blurred(values: Field, deviation: float) -> Field:
    return np.asarray(gaussian_filter(values, (deviation, deviation, 0), mode="nearest", truncate=2.5))
