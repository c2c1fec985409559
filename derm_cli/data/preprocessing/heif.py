"""HEIC, the format of phones: known by its first bytes, and read where derm's extra ``heic`` is installed."""

from __future__ import annotations

from functools import cache

from derm_cli.data.preprocessing.dicom import DICOM_NOT_READ, dicom_is_read

FORMAT = "HEIF"
"""What Pillow calls it."""
HEIC_NOT_READ = "HEIC, which is not read: pip install 'derm-cli[heic]', or save it as JPEG"
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")


def is_heif(head: bytes) -> bool:
    """Tell whether a file that begins with ``head``, of 12 bytes, is HEIC or another kind of HEIF."""
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


@cache
def heif_is_read() -> bool:
    """Teach Pillow the format, and tell whether it could be taught: whether the extra is installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return True


def lacked_decoder(reason: str | None) -> bool:
    """Tell whether ``reason``, for which a file was not read, holds no longer, now that the format is read."""
    if reason == DICOM_NOT_READ:
        return dicom_is_read()
    return reason is not None and reason.startswith("HEIC") and heif_is_read()
