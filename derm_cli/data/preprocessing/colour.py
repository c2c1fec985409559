"""Colour: from any mode and colour profile to 8-bit sRGB on white."""

from __future__ import annotations

import io
import threading
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

LARGEST_PROFILE = 2**24
"""Bytes; the profiles of printers, the largest there are, have 2 to 4 MB."""
UNSEEN = 2
"""A profile that moves no colour by more levels than this is sRGB, and its photographs are left as they are."""
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_STRIP_PIXELS = 2**20
_profile_lock = threading.Lock()


def to_rgb(image: Image.Image, to_srgb: bool) -> Image.Image:
    """Return ``image`` in mode RGB; transparent places show white below them, as a viewer would.

    With ``to_srgb`` an embedded ICC profile (ISO 15076-1) is followed: colours are converted to sRGB by the relative
    colorimetric intent with black point compensation.  A profile that is damaged, is for other channels than the
    image has, or is sRGB itself changes nothing.  Without a profile the numbers are taken for sRGB.
    """
    profile = image.info.get("icc_profile") if to_srgb else None
    image = _to_eight_bits(image)
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if image.mode in ("LA", "La"):
        image = image.convert("LA").getchannel("L")
    elif image.mode not in ("L", "CMYK") and (image.mode != "RGB" or alpha is not None):
        image = image.convert("RGB" if alpha is None else "RGBA").convert("RGB")
    transform = _transform(profile, image.mode) if profile and len(profile) <= LARGEST_PROFILE else None
    if transform:
        image = ImageCms.applyTransform(image, transform)  # type: ignore[assignment]
    elif image.mode != "RGB":
        image = image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        image.putalpha(alpha)
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Return grey of more bits in eight: Pillow clips 16-bit grey at 255 when it converts, a viewer shows its upper 8.

    Only an image that has a value above 255 is of 16 bits; one below it was stored in a wider type alone.
    """
    if not (image.mode.startswith("I") or image.mode == "F"):
        return image
    values = np.asarray(image)
    scale = 257.0 if float(values.max(initial=0)) > 255 else 1.0
    levels = np.empty(values.shape, np.uint8)
    rows = max(1, _STRIP_PIXELS // max(1, values.shape[1]))
    # In strips: as 64-bit numbers the whole could be eight times the image.
    for start in range(0, len(values), rows):
        strip = np.nan_to_num(values[start : start + rows].astype(np.float64)) / scale
        levels[start : start + rows] = np.clip(np.rint(strip), 0, 255)
    return Image.fromarray(levels)


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return what converts from ``profile`` to sRGB, or None where nothing needs to be, or can be, converted."""
    try:
        with _profile_lock:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if _MODES.get(source.profile.xcolor_space.strip()) != mode:
                return None
            transform = ImageCms.buildTransform(
                source,
                ImageCms.createProfile("sRGB"),
                mode,
                "RGB",
                ImageCms.Intent.RELATIVE_COLORIMETRIC,
                ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
            return None if mode == "RGB" and _changes_nothing(transform) else transform
    # What a damaged profile raises is as manifold as the damage.
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(len(levels), -1, 3)
    converted = np.asarray(ImageCms.applyTransform(Image.fromarray(colours), transform), dtype=np.int16)
    return int(np.abs(converted - colours).max()) <= UNSEEN
