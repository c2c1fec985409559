"""Which files of a folder are photographs by their names, and which folders are the system's, not the user's."""

from __future__ import annotations

import re

PHOTOGRAPH_SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp", ".mpo"),
    *(".png", ".apng", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".avif"),
    *(".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx", ".ppm", ".pgm", ".pnm"),
)
"""Endings of names of photographs that derm reads, in lower case; what a file is, its contents decide."""

HEIF_SUFFIXES = (".heic", ".heics", ".heif", ".heifs", ".hif")
"""Endings of the format of phones, which derm reads where its extra ``heic`` is installed."""

DICOM_SUFFIXES = (".dcm", ".dicom")
"""Endings of the format of hospitals, which derm reads where its extra ``dicom`` is installed."""

RAW_SUFFIXES = (
    *(".raw", ".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".orf", ".ori", ".rw2", ".raf"),
    *(".pef", ".srw", ".x3f", ".3fr", ".fff", ".iiq", ".rwl", ".kdc", ".dcr", ".erf", ".mef", ".mos", ".mrw", ".gpr"),
)
"""Endings of what cameras write before it is developed into a photograph."""

OTHER_SUFFIXES = (*(".psd", ".psb", ".xcf", ".jxl", ".jxr", ".wdp", ".hdp", ".exr", ".hdr", ".tga", ".pcx"),)
"""Endings of other formats that may hold a photograph and are not read."""

_SYSTEM_NAMES = {
    # macOS and Windows.
    *("__macosx", "network trash folder", "temporary items", "thevolumesettingsfolder"),
    *("$recycle.bin", "recycler", "recycled", "system volume information", "found.000", "thumbs.db", "desktop.ini"),
    # Linux, and network storage by Synology, QNAP and NetApp.
    *("lost+found", "@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@tmp", "@sharebin"),
    *("@appstore", "@database", "~snapshot"),
    # Programs.
    *("__pycache__", "node_modules"),
}
_TRASH = re.compile(r"\.?trash(es)?(-\d+)?")


def is_system_name(name: str) -> bool:
    """Tell whether a file or a folder is hidden, or what a system keeps for itself: no class and no photograph.

    Such are '@eaDir', '$RECYCLE.BIN', 'lost+found', '__MACOSX', '.Trash-1000' and 'System Volume Information'.
    """
    folded = name.casefold()
    return name.startswith(".") or folded in _SYSTEM_NAMES or _TRASH.fullmatch(folded) is not None
