"""Checks for photographs on disk that no record names, and for masks that cannot be used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from derm_cli.data.checking.findings import Case, DecodedDataset, Finding, single_findings
from derm_cli.data.records import utf8_text
from derm_cli.plugin import is_system_name

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


def orphan_files(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about photographs in the dataset's folder that no record names, nor as its mask."""
    records = dataset.records
    named_files = {*map(str, records.dropped["file"]), *map(str, records.frame["file"])}
    if "mask" in records.frame:
        named_files |= {mask for mask in records.frame["mask"] if not pd.isna(mask)}
    folded = {each.casefold() for each in named_files}
    # As records have them: a name that is no UTF-8 is escaped.
    photographs = (str(utf8_text(file)) for file in _photographs(records.located.root))
    orphans = [file for file in photographs if file.casefold() not in folded]
    yield from single_findings("orphan", [Case(dataset.name, "", file, "") for file in orphans])


def unusable_masks(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about photographs whose mask is not there, or cannot be used."""
    rows = ((row, dataset.masks.get(case, "")) for row, case in enumerate(dataset.frame["case_id"]))
    yield from single_findings("unusable-mask", dataset.cases((row, reason) for row, reason in rows if reason))


def _photographs(root: Path) -> list[str]:
    """Return the photographs below ``root``, relative to it, in order; hidden files and folders are left out."""
    photographs = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not is_system_name(name)]
        within = Path(folder).relative_to(root)
        photographs += [
            (within / name).as_posix()
            for name in files
            if Path(name).suffix.lower() in SUFFIXES and not is_system_name(name)
        ]
    return sorted(photographs)
