"""Facts of a photograph beside its pixels: how it is stored, what metadata it carries, how it looks."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageChops, ImageCms

from derm_cli.data.file_metadata import exif_orientation, has_gps, has_personal_metadata
from derm_cli.data.perceptual_hash import perceptual_hash
from derm_cli.data.preprocessing.colour import to_rgb
from derm_cli.data.preprocessing.opening import turn_upright

SQUARE_SIDE = 128
"""The side, in pixels, of the square at which looks are measured: large photographs and small ones alike."""
GREY_DIFFERENCE = 8
"""A photograph whose channels differ by no more than this, of 255 levels, has no colour."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts of one photograph; they depend on the contents of its file alone, and hold nothing personal.

    ``format`` is what the contents are (Pillow's name), whatever the file is called; ``width`` and ``height`` in
    pixels, ``mode`` (Pillow's) and ``bits`` a channel are as stored; ``frames`` counts images in the file;
    ``orientation`` is that of EXIF, 1 to 8, 1 upright.  ``alpha``: it has a transparency; ``transparent``: some of it
    can be seen through.  ``profile`` is '' without a colour profile, else 'srgb', 'other' or 'damaged'.  ``gps``: it
    tells where it was taken; ``personal``: it carries other metadata that may tell of persons, devices or times.  The
    values of either are not kept.  ``grey``: it has no colour.  ``brightness``, the mean, and ``contrast``, the
    standard deviation, are of luma, 0 to 255; ``focus`` is the variance of its Laplacian (Pech-Pacheco et al. 2000) on
    a square of 128 pixels: low where it is blurred.  ``fingerprint`` is the perceptual hash, 256 bits in hex, of the
    upright photograph, '' where it shows nothing to recognize; see :mod:`derm_cli.data.perceptual_hash`.
    """

    format: str
    width: int
    height: int
    mode: str
    bits: int = 8
    frames: int = 1
    orientation: int = 1
    alpha: bool = False
    transparent: bool = False
    profile: str = ""
    gps: bool = False
    personal: bool = False
    grey: bool = False
    brightness: float = 0.0
    contrast: float = 0.0
    focus: float = 0.0
    fingerprint: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Facts:
        """Return the facts that :meth:`to_json` gave.  Raises TypeError where they are of another version."""
        return cls(**values)


def facts_of(path: Path, image: Image.Image) -> Facts:
    """Return the facts of ``image``, decoded from the file ``path``, as stored: not turned, in its own mode."""
    alpha = image.has_transparency_data
    return Facts(
        format=image.format or "",
        width=image.width,
        height=image.height,
        mode=image.mode,
        bits=_bits_per_channel(path, image),
        frames=getattr(image, "n_frames", 1),
        orientation=exif_orientation(image),
        alpha=alpha,
        transparent=alpha and _lowest_alpha(image) < 255,
        profile=_profile_kind(image.info.get("icc_profile")),
        gps=has_gps(image),
        personal=has_personal_metadata(image),
        **_appearance(image),
    )


def _appearance(image: Image.Image) -> dict[str, Any]:
    small = to_rgb(_small_square(turn_upright(image)), to_srgb=False)
    grey = small.convert("L")
    levels = np.asarray(grey, dtype=np.float32)
    return {
        "grey": _colourfulness(small) <= GREY_DIFFERENCE,
        "brightness": round(float(levels.mean()), 2),
        "contrast": round(float(levels.std()), 2),
        "focus": round(float(_laplacian(levels).var()), 2),
        "fingerprint": perceptual_hash(grey),
    }


def _small_square(image: Image.Image) -> Image.Image:
    """Return the image squashed to a small square: a copy with other sides then looks the same."""
    if image.mode == "RGBA" and _lowest_alpha(image) == 255:
        image = image.convert("RGB")
    if image.mode not in ("RGB", "RGBA", "L", "LA", "CMYK"):
        image = to_rgb(image, to_srgb=False)
    return image.resize((SQUARE_SIDE, SQUARE_SIDE), Image.Resampling.BILINEAR, reducing_gap=1.5)


def _colourfulness(image: Image.Image) -> int:
    red, green, blue = image.split()
    pairs = ((red, green), (green, blue), (blue, red))
    return max(int(ImageChops.difference(*pair).getextrema()[1]) for pair in pairs)  # type: ignore[arg-type]


def _laplacian(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    inside = levels[1:-1, 1:-1]
    return levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:] - 4 * inside


def _bits_per_channel(path: Path, image: Image.Image) -> int:
    """Return the bits of a channel as stored: Pillow decodes colours of 16 bits to 8 and does not tell."""
    try:
        if image.format == "PNG":
            with path.open("rb") as file:
                return file.read(25)[24]
        stored = getattr(image, "tag_v2", {}).get(ExifTags.Base.BitsPerSample, ())
        return int(max(stored)) if stored else _bits_of_mode(image.mode)
    except (OSError, IndexError, TypeError, ValueError):
        return _bits_of_mode(image.mode)


def _bits_of_mode(mode: str) -> int:
    return {"1": 1, "I": 32, "F": 32}.get(mode, 16 if mode.startswith("I;16") else 8)


def _lowest_alpha(image: Image.Image) -> int:
    if image.mode in ("RGBA", "LA"):
        return int(image.getchannel("A").getextrema()[0])  # type: ignore[arg-type]
    return int(image.convert("RGBA").getchannel("A").getextrema()[0])  # type: ignore[arg-type]


def _profile_kind(profile: Any) -> str:
    return _classify_profile(profile) if isinstance(profile, bytes) and profile else ""


@lru_cache(maxsize=16)
def _classify_profile(profile: bytes) -> str:
    try:
        return "srgb" if "srgb" in ImageCms.getProfileDescription(io.BytesIO(profile)).lower() else "other"
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return "damaged"
