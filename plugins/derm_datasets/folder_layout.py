"""What the folders of one's own photographs mean: classes, or parts of a split with the classes below them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from derm_datasets.splits import folder_part

_NO_CLASSES = re.compile(
    r"(images?|imgs?|photos?|photographs?|pictures?|masks?|segmentations?|annotations?|ground ?truths?|labels?"
    r"|thumbnails?|thumbs|metadata|augment(ed|ations?)|crops?|cropped|originals?|resized)"
)
_PIECES = re.compile(r"(.*[\W_])?(folds?|splits?|partitions?|parts?|batch|shard|chunk|cv)[\W_]*\d+")


class UnclearLayout(Exception):
    """Folders from which no classes can be read; its text says why."""


@dataclass(frozen=True)
class FolderLayout:
    """The class of each photograph by its path, its part where folders tell it, and what a person should be told."""

    labels: Mapping[str, str]
    parts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_layout(paths: Sequence[str]) -> FolderLayout:
    """Return what the folders of photographs mean, whose ``paths`` have forward slashes.

    The first folder of each is its class, but where all first folders are parts of a split: then the second is.  The
    part is told too where it is the second folder of all.  Raises UnclearLayout where folders are neither.
    """
    folders = {path: path.split("/")[:-1] for path in paths}
    folders = {path: names for path, names in folders.items() if names}
    if len(_firsts(folders)) == 1 and _has_parts_with_classes(names[1:] for names in folders.values()):
        # One folder around all is no class.
        folders = {path: names[1:] for path, names in folders.items()}
    firsts = _firsts(folders)
    parts = [name for name in firsts if folder_part(name)]
    if parts and len(parts) < len(firsts):
        others = [name for name in firsts if name not in parts]
        raise UnclearLayout(
            f"{_named(parts)} bear{_s(parts)} the name of a part of a split, but {_named(others)} do{_es(others)} not: "
            "put all classes below such folders, or rename what is a class"
        )
    if parts:
        return _parts_first(folders)
    if len(firsts) > 1 and all(
        _NO_CLASSES.fullmatch(_plain(name)) or _PIECES.fullmatch(_plain(name)) for name in firsts
    ):
        raise UnclearLayout(f"{_named(firsts)} do not bear names of classes: put each class into a folder of its name")
    labels = {path: names[0] for path, names in folders.items()}
    return _classes_first(folders, labels)


def _parts_first(folders: Mapping[str, Sequence[str]]) -> FolderLayout:
    classified = {path: names for path, names in folders.items() if len(names) > 1}
    if not classified:
        firsts = _firsts(folders)
        raise UnclearLayout(
            f"{_named(firsts)} bear{_s(firsts)} the name of a part of a split, and no class: put the photographs of "
            f"each class into a folder of its own, as in '{firsts[0]}/melanoma'"
        )
    unclassified = Counter(names[0] for names in folders.values() if len(names) == 1)
    warnings = [
        f"the {count} photographs right below the folder '{name}' are in no folder of a class, and are left out"
        for name, count in sorted(unclassified.items())
    ]
    parts = {path: folder_part(names[0]) or "" for path, names in classified.items()}
    spellings = _spellings(names[1] for path, names in classified.items() if parts[path] == "train")
    labels = {}
    for path, names in classified.items():
        labels[path] = label = spellings.get(_plain(names[1]), names[1]) if parts[path] != "train" else names[1]
        if label != names[1]:
            warnings.append(f"the class '{names[1]}' of the folder '{names[0]}' is taken for '{label}', as in training")
    return FolderLayout(labels, parts, tuple(dict.fromkeys(warnings)))


def _classes_first(folders: Mapping[str, Sequence[str]], labels: Mapping[str, str]) -> FolderLayout:
    seconds = [names[1] if len(names) > 1 else "" for names in folders.values()]
    parts = {path: folder_part(name) or "" for path, name in zip(folders, seconds, strict=True)}
    if all(parts.values()) and len(set(parts.values())) > 1:
        return FolderLayout(labels, parts)
    warnings = []
    named_parts = sorted({name for name in seconds if folder_part(name)})
    if len({folder_part(name) for name in named_parts}) > 1:
        warnings.append(
            f"the folders {_list(named_parts)} within classes are not used as parts of a split, for not all "
            "photographs are in such a folder"
        )
    firsts = _firsts(folders)
    below = [
        frozenset(second for second, names in zip(seconds, folders.values(), strict=True) if names[0] == first)
        for first in firsts
    ]
    if len(firsts) > 1 and len(set(below)) == 1 and "" not in below[0] and len(below[0]) > 1 and not named_parts:
        warnings.append(
            f"each of the folders {_list(firsts)}, which are taken for the classes, has the same folders "
            f"{_list(sorted(below[0]))}: if these are the classes, lay the photographs out as class first"
        )
    odd = [name for name in firsts if _NO_CLASSES.fullmatch(_plain(name))]
    if odd:
        warnings.append(f"{_named(odd)} {'are' if len(odd) > 1 else 'is'} taken for a class")
    return FolderLayout(labels, warnings=tuple(warnings))


def _has_parts_with_classes(folders: Iterable[Sequence[str]]) -> bool:
    below = list(folders)
    return all(names and folder_part(names[0]) for names in below) and any(len(names) > 1 for names in below)


def _firsts(folders: Mapping[str, Sequence[str]]) -> list[str]:
    return sorted({names[0] for names in folders.values()})


def _plain(name: str) -> str:
    """Return a name as one would say it: in lower case, with single blanks in the place of other characters."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", name).casefold()).strip()


def _spellings(names: Iterable[str]) -> dict[str, str]:
    """Return names by how one would say them, where no two sound the same."""
    by_sound: dict[str, set[str]] = {}
    for name in names:
        by_sound.setdefault(_plain(name), set()).add(name)
    return {sound: spelled.pop() for sound, spelled in by_sound.items() if len(spelled) == 1}


def _list(names: Sequence[str], longest: int = 5) -> str:
    return ", ".join(f"'{name}'" for name in names[:longest]) + (" …" if len(names) > longest else "")


def _named(names: Sequence[str]) -> str:
    return f"the folder{'s' * (len(names) > 1)} {_list(names)}"


def _s(names: Sequence[str]) -> str:
    return "" if len(names) > 1 else "s"


def _es(names: Sequence[str]) -> str:
    return "" if len(names) > 1 else "es"
