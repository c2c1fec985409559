"""Which file of a folder a path means that is not there: in another folder, with another ending, spelled otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

from derm_cli.plugin.photograph_files import (
    DICOM_SUFFIXES,
    HEIF_SUFFIXES,
    OTHER_SUFFIXES,
    PHOTOGRAPH_SUFFIXES,
    RAW_SUFFIXES,
)

_JPEG = frozenset((".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp", ".mpo"))
_FAMILIES = (frozenset((".tif", ".tiff")), frozenset((".bmp", ".dib")), frozenset((".png", ".apng")))
_LOSSLESS = frozenset((".gif", ".webp")).union(*_FAMILIES)
_SUFFIXES = frozenset((*PHOTOGRAPH_SUFFIXES, *HEIF_SUFFIXES, *DICOM_SUFFIXES, *RAW_SUFFIXES, *OTHER_SUFFIXES))
_FROM_A_ROOT = re.compile(r"^(?:[a-z]:|[a-z][a-z0-9+.-]*://[^/]*|/)", re.IGNORECASE)


@dataclass(frozen=True)
class _Candidate:
    """A file of the same name, perhaps but for its ending.

    ``common`` is how many names of both paths are the same, from the last one on; ``covered`` tells that one has the
    folders of the other, in their order, and perhaps more; ``fits``, and ``fits_mask``, that a photograph, or a mask,
    may have its ending.
    """

    file: str
    common: int
    covered: bool
    fits: bool
    fits_mask: bool


class NearPaths:
    """The photographs of a folder, by their names, to be found by paths that are not quite theirs.

    ``files`` are paths relative to the folder, with forward slashes.
    """

    def __init__(self, files: Iterable[str]) -> None:
        self._by_stem: dict[str, list[str]] = {}
        for file in files:
            stem, suffix = _split(_plain(file.rpartition("/")[2]))
            if suffix:
                self._by_stem.setdefault(stem, []).append(file)

    def near(self, path: str) -> tuple[str, ...]:
        """Return the files that bear the name of ``path``, perhaps with another ending, those most alike first."""
        candidates = self._candidates(path)
        return tuple(
            each.file for each in sorted(candidates, key=lambda each: (-each.common, not each.fits, each.file))
        )

    def meant(self, path: str, *, is_mask: bool = False, anywhere: bool = False) -> str | None:
        """Return the one file that ``path`` can mean, or None where there is none, or several.

        It is in another folder only where either path has all folders of the other, or ``path`` is one from a root, of
        a disk or an address, or ``anywhere`` allows it; and its ending differs only where the format does not, or where
        it is JPEG, in which photographs of all other formats are saved.  A mask may be of any format without loss, but
        no JPEG in the place of another, which would be the photograph.  A path with '..' means no file.
        """
        if ".." in re.split(r"[/\\]", path):
            return None
        is_from_root = anywhere or _FROM_A_ROOT.match(path.replace("\\", "/")) is not None
        candidates = [
            each
            for each in self._candidates(path)
            if (each.fits_mask if is_mask else each.fits) and (each.covered or is_from_root)
        ]
        longest = max((each.common for each in candidates), default=0)
        nearest = [each.file for each in candidates if each.common == longest]
        return nearest[0] if len(nearest) == 1 else None

    def _candidates(self, path: str) -> list[_Candidate]:
        for spelling in dict.fromkeys((path, unquote(path))):
            names = _names(spelling)
            if names and (files := self._by_stem.get(_split(names[-1])[0])):
                return [_compared(names, file) for file in files]
        return []


def _compared(names: list[str], file: str) -> _Candidate:
    """Return how a file relates to a path of ``names``."""
    others = _names(file)
    common = 1
    while common < min(len(names), len(others)) and names[-common - 1] == others[-common - 1]:
        common += 1
    suffix, other = _split(names[-1])[1], _split(others[-1])[1]
    alike = suffix in (other, "") or any({suffix, other} <= family for family in (_JPEG, *_FAMILIES))
    shorter, longer = sorted((names[:-1], others[:-1]), key=len)
    rest = iter(longer)
    covered = all(name in rest for name in shorter)
    return _Candidate(file, common, covered, alike or other in _JPEG, alike or other in _LOSSLESS)


def _names(path: str) -> list[str]:
    """Return the names of the folders of ``path`` and of its file, as they are compared."""
    slashes = _FROM_A_ROOT.sub("", path.strip().strip("'\"").replace("\\", "/"), count=1) if path else ""
    return [plain for plain in map(_plain, slashes.split("/")) if plain not in ("", ".")]


def _plain(name: str) -> str:
    """Return a name in one Unicode form, in lower case, without what cannot be seen."""
    visible = "".join(each for each in unicodedata.normalize("NFC", name) if unicodedata.category(each) != "Cf")
    return " ".join(visible.split()).casefold()


def _split(name: str) -> tuple[str, str]:
    """Return a name without its ending, and the ending if it is that of a photograph."""
    suffix = PurePosixPath(name).suffix
    return (name.removesuffix(suffix), suffix) if suffix in _SUFFIXES else (name, "")
