"""Photographs on disk that no record names, and masks that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from derm_cli.data.checking.findings import Case, Checked, Finding, singles
from derm_cli.data.records import writable

SUFFIXES = {
    ".jpg",
    ".jpeg",
    ".jpe",
    ".png",
    ".webp",
    ".tif",
    ".tiff",
    ".bmp",
    ".gif",
    ".avif",
    ".jp2",
    ".heic",
    ".heif",
}
"""Endings of photographs, as far as they are looked for on disk."""


def orphans(checked: Checked) -> Iterator[Finding]:
    """Tell of photographs in the dataset's folder that no record names, used or dropped, nor as its mask."""
    records = checked.records
    named = {*map(str, records.dropped["file"]), *map(str, records.frame["file"])}
    if "mask" in records.frame:
        named |= {mask for mask in records.frame["mask"] if not pd.isna(mask)}
    folded = {each.casefold() for each in named}
    # As records have them: a name that is no UTF-8 is escaped.
    photographs = (str(writable(file)) for file in _photographs(records.located.root))
    found = [file for file in photographs if file.casefold() not in folded]
    yield from singles("orphan", [Case(checked.name, "", file, "") for file in found])


def masks(checked: Checked) -> Iterator[Finding]:
    """Tell of photographs whose mask is not there, or cannot be used."""
    rows = ((row, checked.masks.get(case, "")) for row, case in enumerate(checked.frame["case_id"]))
    yield from singles("unusable-mask", checked.cases((row, reason) for row, reason in rows if reason))


def _photographs(root: Path) -> list[str]:
    """Return the photographs below ``root``, relative to it, in order; hidden files and folders are left out."""
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        within = Path(folder).relative_to(root)
        found += [
            (within / name).as_posix() for name in files if Path(name).suffix.lower() in SUFFIXES and name[0] != "."
        ]
    return sorted(found)
