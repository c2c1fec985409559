"""What is in a folder of data by names, numbers and sizes, which tell a copy that is not whole; nothing is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from derm_cli.plugin import DICOM_SUFFIXES, HEIF_SUFFIXES, PHOTOGRAPH_SUFFIXES, is_system_name

PHOTOGRAPHS = (*PHOTOGRAPH_SUFFIXES, *HEIF_SUFFIXES, *DICOM_SUFFIXES)
DEPTH = 8
"""Folders in folders that are looked at: a link may lead around in a circle."""
MEASURED = 200
"""Other files than photographs in a folder whose sizes are compared; of more, as notes beside each photograph, none."""
SHOWN = 3
"""Names that are told where more are lacking."""


@dataclass(frozen=True)
class DataListing:
    """What is in a folder of data; what is hidden, or a system's own, is not.

    ``names`` are those in the folder itself, ``photographs`` how many are in each folder, by its path below, '' for the
    folder itself, and ``bytes`` the sizes of other files, such as tables, by their paths below.
    """

    names: frozenset[str] = frozenset()
    photographs: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)


def listing_of(folder: Path) -> DataListing | None:
    """Return what is in a folder, or the size of what is a file; None where nothing can be seen."""
    try:
        if not folder.is_dir():
            return DataListing(bytes={".": folder.stat().st_size})
        names = frozenset(each.name for each in _shown(folder))
    except OSError:
        return None
    photographs: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for path, files in _folders(folder):
        others = [each for each in files if not each.name.lower().endswith(PHOTOGRAPHS)]
        if len(files) > len(others):
            photographs[path] = len(files) - len(others)
        for each in others if len(others) <= MEASURED else ():
            with suppress(OSError):
                sizes[_below(path, each.name)] = each.stat().st_size
    return DataListing(names, photographs, sizes)


def difference(folder: Path, wanted: DataListing | None) -> str:
    """Return what this machine has or lacks in a folder that another has as ``wanted``, or ''.

    What the other has not is its own affair, and this one's.
    """
    if wanted is None:
        return ""
    found = listing_of(folder)
    if found is None:
        return f"lacks '{folder}'"
    sizes = {name: _size(folder / name) for name in wanted.bytes}
    lacking = sorted(wanted.names - found.names | {name for name, size in sizes.items() if size is None})
    if lacking:
        more = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
        return "lacks " + ", ".join(f"'{folder / each}'" for each in lacking[:SHOWN]) + more
    for name, size in wanted.bytes.items():
        if sizes[name] != size:
            return f"has {sizes[name]} bytes in place of {size} in '{folder / name}'"
    for path in sorted({*wanted.photographs, *found.photographs}):
        own, other = found.photographs.get(path, 0), wanted.photographs.get(path, 0)
        if own != other:
            return f"has {own} photographs in place of {other} in '{folder / path}'"
    return ""


def _folders(folder: Path) -> Iterator[tuple[str, list[os.DirEntry[str]]]]:
    """Give the folder itself and each below by its path, with its files."""
    left = [("", 0)]
    while left:
        path, depth = left.pop()
        entries: list[os.DirEntry[str]] = []
        with suppress(OSError):
            entries = list(_shown(folder / path))
        files = []
        for each in entries:
            if not each.is_dir():
                files.append(each)
            elif depth < DEPTH:
                left.append((_below(path, each.name), depth + 1))
        yield path, files


def _shown(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from (each for each in entries if not is_system_name(each.name))


def _below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
