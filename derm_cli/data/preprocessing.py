"""From a file to the square of pixels that the network sees: defined here, once, for every use."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from derm_cli.plan import Preprocessing

Pixels = npt.NDArray[np.uint8]
LARGEST = 178_956_970
"""Pixels; more is refused as a decompression bomb (twice Pillow's own warning limit)."""
SMALLEST = 16
_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
}


class UnreadablePhotograph(Exception):
    """A file that is no photograph; its text is the reason, to be recorded and shown."""


def read_photograph(path: Path, preprocessing: Preprocessing) -> Pixels:
    """Read a photograph: EXIF orientation, RGB, resize rule; return uint8 (size, size, 3).

    Raises UnreadablePhotograph with the reason.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                _refuse(image)
                return _resize(_as_rgb(ImageOps.exif_transpose(image)), preprocessing)
    except UnreadablePhotograph:
        raise
    except FileNotFoundError:
        raise UnreadablePhotograph("the file is not there") from None
    except PermissionError:
        raise UnreadablePhotograph("no permission to read the file") from None
    except Image.DecompressionBombError:
        raise UnreadablePhotograph(f"more than {LARGEST} pixels") from None
    except UnidentifiedImageError:
        raise UnreadablePhotograph("empty file" if path.stat().st_size == 0 else "not an image") from None
    # Pillow's decoders raise whatever they stumble on in a damaged file.
    except Exception as error:
        raise UnreadablePhotograph(f"damaged or cut short ({error})") from None


def _refuse(image: Image.Image) -> None:
    width, height = image.size
    if width * height > LARGEST:
        raise UnreadablePhotograph(f"{width}x{height} is more than {LARGEST} pixels")
    if min(width, height) < SMALLEST:
        raise UnreadablePhotograph(f"{width}x{height} is too small; the shorter side must be {SMALLEST} pixels or more")
    if getattr(image, "n_frames", 1) > 1 and getattr(image, "is_animated", False) and image.format != "MPO":
        raise UnreadablePhotograph("animated or of several pages")


def _as_rgb(image: Image.Image) -> Image.Image:
    """Return ``image`` in RGB; transparent places show white below them, as a viewer would."""
    if image.mode.startswith("I") or image.mode == "F":
        # Pillow clips 16-bit grey at 255 when it converts; the upper eight bits are what a viewer shows.
        values = np.asarray(image, dtype=np.float64)
        if values.max(initial=0.0) > 255:
            values = values / 257.0
        image = Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        if np.asarray(image)[..., 3].min(initial=255) < 255:
            ground = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(ground, image)
    return image.convert("RGB")


def _resize(image: Image.Image, preprocessing: Preprocessing) -> Pixels:
    size, way = (preprocessing.size, preprocessing.size), _FILTERS[preprocessing.interpolation]
    if preprocessing.resize == "letterbox":
        image = ImageOps.pad(image, size, way, color="black")
    elif preprocessing.resize == "crop":
        image = ImageOps.fit(image, size, way)
    elif image.size != size:
        image = image.resize(size, way)
    return np.asarray(image, dtype=np.uint8)
