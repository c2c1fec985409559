"""Checks for photographs on disk that no record names, and for masks that cannot be used."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from derm_cli.data.checking.findings import Case, DecodedDataset, Finding, single_findings
from derm_cli.data.photographs_on_disk import files_ending, read_suffixes, suffix_of, unread_photographs
from derm_cli.data.records import utf8_text


def orphan_files(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about photographs in the dataset's folder that no record names, nor as its mask."""
    root = dataset.records.located.root
    orphans = _unnamed(dataset, files_ending(root, read_suffixes()))
    yield from single_findings("orphan", [Case(dataset.name, "", file, "") for file in orphans])


def unread_files(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about photographs in the dataset's folder that no record names and whose format is not read."""
    unread = _unnamed(dataset, unread_photographs(dataset.records.located.root, map(str, dataset.frame["file"])))
    yield from single_findings("unread-format", [Case(dataset.name, "", file, "", suffix_of(file)) for file in unread])


def _unnamed(dataset: DecodedDataset, files: list[str]) -> list[str]:
    """Return those of ``files`` that no record names, nor as its mask."""
    records = dataset.records
    named_files = {*map(str, records.dropped["file"]), *map(str, records.frame["file"])}
    if "mask" in records.frame:
        named_files |= {mask for mask in records.frame["mask"] if not pd.isna(mask)}
    folded = {each.casefold() for each in named_files}
    # As records have them: a name that is no UTF-8 is escaped.
    return [file for file in (str(utf8_text(each)) for each in files) if file.casefold() not in folded]


def unusable_masks(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about photographs whose mask is not there, or cannot be used."""
    rows = ((row, dataset.masks.get(case, "")) for row, case in enumerate(dataset.frame["case_id"]))
    yield from single_findings("unusable-mask", dataset.cases((row, reason) for row, reason in rows if reason))
