"""DICOM, the format of hospitals: known by its first bytes, and read where derm's extra ``dicom`` is installed.

Of a file nothing is read but what its pixels need, so that no name of a patient gets into memory, a message or a log.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import numpy.typing as npt
    import pydicom

FORMAT = "DICOM"
HEAD = 132
"""The bytes of the preamble and the mark behind it (DICOM PS3.10, 7.1)."""
DICOM_NOT_READ = "DICOM, which is not read: pip install 'derm-cli[dicom]', or save it as JPEG or PNG"
DEFLATED = "1.2.840.10008.1.2.1.99"
"""The transfer syntax whose whole file is packed: how large it becomes is not known before."""
_TAGS = [
    *("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit"),
    *("PixelRepresentation", "PlanarConfiguration", "NumberOfFrames", "PixelData", "ICCProfile"),
    *("FloatPixelData", "DoubleFloatPixelData", "LossyImageCompression", "ExtendedOffsetTable"),
    *(
        f"{colour}PaletteColorLookupTable{what}"
        for colour in ("Red", "Green", "Blue")
        for what in ("Data", "Descriptor")
    ),
]


class UnreadableDicom(Exception):
    """A DICOM file that is no photograph; its text is the reason, and has nothing of the file's values but sizes."""


def is_dicom(head: bytes) -> bool:
    """Tell whether a file that begins with ``head``, of 132 bytes, is DICOM."""
    return head[128:132] == b"DICM"


@cache
def dicom_is_read() -> bool:
    """Tell whether the extra is installed."""
    return importlib.util.find_spec("pydicom") is not None


def dicom_image(file: BinaryIO, largest: int) -> Image.Image:
    """Return the photograph in a DICOM file, RGB or 8-bit grey, with its colour profile.

    Raises UnreadableDicom with the reason: several frames, no pixels, more than ``largest`` pixels, or a coding that is
    not read; and whatever a damaged one makes pydicom raise.
    """
    import pydicom

    found = pydicom.dcmread(file, specific_tags=_TAGS, defer_size=None)
    if "PixelData" not in found:
        raise UnreadableDicom("DICOM without a photograph")
    frames = int(found.get("NumberOfFrames") or 1)
    if frames > 1:
        raise UnreadableDicom(f"DICOM of {frames} frames: save the one that is meant as a photograph")
    width, height = int(found.Columns), int(found.Rows)
    if width * height > largest:
        raise UnreadableDicom(f"{width}x{height} is more than {largest} pixels")
    if int(found.BitsAllocated) not in (8, 16) or int(found.SamplesPerPixel) not in (1, 3):
        raise UnreadableDicom(
            f"DICOM of {found.BitsAllocated} bits and {found.SamplesPerPixel} colours is no photograph"
        )
    try:
        pixels = _pixels(found)
    except (NotImplementedError, RuntimeError):
        name = getattr(found.file_meta.TransferSyntaxUID, "name", "unknown")
        raise UnreadableDicom(f"DICOM coded as {name}, which is not read: save it as JPEG or PNG") from None
    image = Image.fromarray(pixels)
    if profile := found.get("ICCProfile"):
        image.info["icc_profile"] = bytes(profile)
    image.format = FORMAT
    return image


def _pixels(found: pydicom.Dataset) -> npt.NDArray[np.uint8]:
    """Return the pixels as 8-bit RGB (h, w, 3), or grey (h, w) of which 0 is black."""
    from pydicom.pixels import apply_color_lut, pixel_array

    kind = str(found.PhotometricInterpretation)
    # YBR of any kind comes as RGB.
    values: npt.NDArray[Any] = pixel_array(found)
    bits = int(found.BitsStored)
    if kind == "PALETTE COLOR":
        values = apply_color_lut(values, found)
        bits = 8 * values.dtype.itemsize
    elif found.get("PixelRepresentation", 0) == 1:
        values = values.astype(np.int32) + (1 << (bits - 1))
    most = (1 << bits) - 1
    levels = values if bits == 8 else np.rint(np.clip(values, 0, most) * (255 / most))
    levels = levels.astype(np.uint8)
    return 255 - levels if kind == "MONOCHROME1" else levels
