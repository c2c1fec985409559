"""The resize rules: from a photograph of any shape to a square."""

from __future__ import annotations

from PIL import Image

from derm_cli.plan import Preprocessing

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
}
"""Pillow's ``BILINEAR`` and ``BOX`` widen with the scale when they shrink, so that no pixel is passed over."""


def resized(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """Return an RGB image as a square of ``preprocessing.size``, by its resize rule and interpolation."""
    side, way = preprocessing.size, FILTERS[preprocessing.interpolation]
    width, height = image.size
    if preprocessing.resize == "letterbox":
        return _letterboxed(image, side, way)
    if preprocessing.resize == "crop":
        shorter = min(width, height)
        left, top = (width - shorter) / 2, (height - shorter) / 2
        return _resampled(image, (side, side), (left, top, left + shorter, top + shorter), way)
    return _resampled(image, (side, side), (0, 0, width, height), way)


def _letterboxed(image: Image.Image, side: int, way: Image.Resampling) -> Image.Image:
    """Fit the longer side, and centre on black.  Of the narrowest photograph a line stays."""
    width, height = image.size
    if width > height:
        size = (side, max(1, round(height / width * side)))
    else:
        size = (max(1, round(width / height * side)), side)
    ground = Image.new("RGB", (side, side))
    fitted = _resampled(image, size, (0, 0, width, height), way)
    ground.paste(fitted, (round((side - size[0]) / 2), round((side - size[1]) / 2)))
    return ground


def _resampled(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float], way: Image.Resampling
) -> Image.Image:
    """Resize the ``box`` of an image, within its rows first: in one call Pillow's versions differ in the order."""
    left, top, right, bottom = box
    narrowed = image.resize((size[0], image.height), way, (left, 0, right, image.height))
    return narrowed.resize(size, way, (0, top, size[0], bottom))
