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


def to_square(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """Return an RGB image as a square of ``preprocessing.size``, by its resize rule and interpolation."""
    side, resampling = preprocessing.size, FILTERS[preprocessing.interpolation]
    width, height = image.size
    if preprocessing.resize == "letterbox":
        return _letterboxed(image, side, resampling)
    if preprocessing.resize == "crop":
        shorter = min(width, height)
        left, top = (width - shorter) / 2, (height - shorter) / 2
        return _resampled(image, (side, side), (left, top, left + shorter, top + shorter), resampling)
    return _resampled(image, (side, side), (0, 0, width, height), resampling)


def _letterboxed(image: Image.Image, side: int, resampling: Image.Resampling) -> Image.Image:
    """Fit the longer side, and centre on black.  Of the narrowest photograph a line stays."""
    width, height = image.size
    if width > height:
        size = (side, max(1, round(height / width * side)))
    else:
        size = (max(1, round(width / height * side)), side)
    canvas = Image.new("RGB", (side, side))
    fitted = _resampled(image, size, (0, 0, width, height), resampling)
    canvas.paste(fitted, (round((side - size[0]) / 2), round((side - size[1]) / 2)))
    return canvas


def _resampled(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float], resampling: Image.Resampling
) -> Image.Image:
    """Resize the ``box`` of an image, within its rows first: in one call Pillow's versions differ in the order."""
    if resampling is Image.Resampling.NEAREST:
        # Each pixel is one of the image's own: no order changes it, and one call is half the work.
        return image.resize(size, resampling, box)
    left, top, right, bottom = box
    narrowed = image.resize((size[0], image.height), resampling, (left, 0, right, image.height))
    return narrowed.resize(size, resampling, (0, top, size[0], bottom))
