"""The photographs in a dataset's folder, whatever its records name: those that are read, and those that are not."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath

from derm_cli.data.preprocessing import dicom, heif
from derm_cli.plugin import PHOTOGRAPH_SUFFIXES, NearPaths, is_system_name
from derm_cli.plugin.photograph_files import DICOM_SUFFIXES, HEIF_SUFFIXES, OTHER_SUFFIXES, RAW_SUFFIXES

NAMED = 4
"""How many formats are told of by name."""


def read_suffixes() -> tuple[str, ...]:
    """Return the endings of photographs that are read here, in lower case."""
    return (*PHOTOGRAPH_SUFFIXES, *(suffix for suffixes in _extras(True) for suffix in suffixes))


def unread_suffixes() -> tuple[str, ...]:
    """Return the endings of what a person takes for a photograph and is not read here, in lower case."""
    return (*(suffix for suffixes in _extras(False) for suffix in suffixes), *RAW_SUFFIXES, *OTHER_SUFFIXES)


def _extras(are_read: bool) -> list[tuple[str, ...]]:
    """Return the endings of each format of an extra that is installed, or is not."""
    extras = ((HEIF_SUFFIXES, heif.heif_is_read()), (DICOM_SUFFIXES, dicom.dicom_is_read()))
    return [suffixes for suffixes, is_read in extras if is_read == are_read]


def files_ending(root: Path, suffixes: Collection[str]) -> list[str]:
    """Return the files below ``root`` with one of the endings, relative to it, in order; no hidden or system's ones."""
    paths = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not is_system_name(name)]
        within = Path(folder).relative_to(root)
        paths += [
            (within / name).as_posix() for name in files if suffix_of(name) in suffixes and not is_system_name(name)
        ]
    return sorted(paths)


def suffix_of(name: str) -> str:
    """Return the ending of a file's name, in lower case, with its dot."""
    return PurePosixPath(name).suffix.lower()


def unread_photographs(root: Path, used_files: Iterable[str]) -> list[str]:
    """Return the photographs below ``root`` that are not read for their format.

    What a camera or a phone wrote beside one of ``used_files``, of the same name but for the ending, is none of them.
    """
    unread = unread_suffixes()
    used_stems = {_stem(file) for file in used_files if suffix_of(file) not in unread}
    return [file for file in files_ending(root, unread) if _stem(file) not in used_stems]


def near_files(root: Path, missing: Iterable[str]) -> dict[str, str]:
    """Return for files that are not there the most alike one below ``root`` of the same name, where there is any."""
    files = list(missing)
    if not files:
        return {}
    paths = NearPaths(files_ending(root, (*read_suffixes(), *unread_suffixes())))
    return {file: near[0] for file in files if (near := paths.near(file))}


def unread_text(files: Iterable[str]) -> str:
    """Return how many photographs are not read, of which formats, and what to do; '' where there are none."""
    counts = Counter(suffix_of(file) for file in files)
    if not counts:
        return ""
    formats = [f"{count:,} {suffix} ({_advice(suffix)})" for suffix, count in counts.most_common(NAMED)]
    rest = sum(counts.values()) - sum(count for _, count in counts.most_common(NAMED))
    formats += [f"{rest:,} of other formats (save them as JPEG)"] if rest else []
    total = sum(counts.values())
    return f"{total:,} photograph{'' if total == 1 else 's'} not read: {', '.join(formats)}"


def _advice(suffix: str) -> str:
    if suffix in HEIF_SUFFIXES:
        return "pip install 'derm-cli[heic]', or save as JPEG"
    if suffix in DICOM_SUFFIXES:
        return "pip install 'derm-cli[dicom]', or save as JPEG"
    return "develop and save as JPEG" if suffix in RAW_SUFFIXES else "save as JPEG"


def _stem(file: str) -> str:
    return PurePosixPath(file).with_suffix("").as_posix().casefold()
