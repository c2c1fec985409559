"""Metadata of a photograph's file: whether it may tell of a place, a person, a device or a time.

Nothing that it tells is returned, only that it does.
"""

from __future__ import annotations

from typing import Any

from PIL import ExifTags, Image

_TAG, _IFD = ExifTags.Base, ExifTags.IFD
# Tags that tell how pixels are stored, and nothing of who took them, when, or with what.
_STORAGE_TAGS = {
    _TAG.Orientation, _TAG.ImageWidth, _TAG.ImageLength, _TAG.BitsPerSample, _TAG.Compression,
    _TAG.PhotometricInterpretation, _TAG.FillOrder, _TAG.StripOffsets, _TAG.SamplesPerPixel, _TAG.RowsPerStrip,
    _TAG.StripByteCounts, _TAG.XResolution, _TAG.YResolution, _TAG.PlanarConfiguration, _TAG.ResolutionUnit,
    _TAG.TransferFunction, _TAG.Software, _TAG.Predictor, _TAG.WhitePoint, _TAG.PrimaryChromaticities, _TAG.ColorMap,
    _TAG.TileWidth, _TAG.TileLength, _TAG.TileOffsets, _TAG.TileByteCounts, _TAG.ExtraSamples, _TAG.SampleFormat,
    _TAG.JPEGTables, _TAG.YCbCrCoefficients, _TAG.YCbCrSubSampling, _TAG.YCbCrPositioning, _TAG.InterColorProfile,
    _TAG.NewSubfileType, _TAG.SubfileType, _IFD.Exif, _IFD.GPSInfo, _IFD.Interop,
    _TAG.ExifVersion, _TAG.ComponentsConfiguration, _TAG.FlashPixVersion, _TAG.ColorSpace, _TAG.ExifImageWidth,
    _TAG.ExifImageHeight,
}  # fmt: skip
# What Pillow reads from a file beside pixels and EXIF that tells of nobody.
_IMPERSONAL = {
    "adobe", "adobe_transform", "aspect", "background", "bbox", "chromaticity", "compression", "default_image", "dpi",
    "duration", "exif", "extension", "gamma", "icc_profile", "interlace", "jfif", "jfif_density", "jfif_unit",
    "jfif_version", "loop", "mp", "mpoffset", "progression", "progressive", "resolution", "software", "srgb",
    "timestamp", "transparency", "version",
}  # fmt: skip


def exif_orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1, upright, where there is none that can be understood."""
    value = _tags(image).get(_TAG.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def has_gps(image: Image.Image) -> bool:
    """Tell whether there is a GPS block in the EXIF."""
    return _IFD.GPSInfo in _tags(image)


def has_personal_metadata(image: Image.Image) -> bool:
    """Tell whether there is other metadata that may tell of persons, devices or times: EXIF, XMP, IPTC, comments."""
    tags = _tags(image).keys() | _tags(image, _IFD.Exif).keys()
    return bool(tags - _STORAGE_TAGS) or any(str(key).lower() not in _IMPERSONAL for key in image.info)


def _tags(image: Image.Image, block: int | None = None) -> dict[int, Any]:
    try:
        tags = image.getexif()
        return dict(tags if block is None else tags.get_ifd(block))
    # What a damaged block raises is as manifold as the damage.
    except Exception:
        return {}
