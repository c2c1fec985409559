"""When two names that people type are the same: blanks, Unicode form, invisible characters, numbers and case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from derm_cli.errors import printable

LONGEST = 60
"""Characters of a name that a warning quotes."""
JOINERS = "\u200c\u200d"
"""Invisible characters that some scripts need to be read: they stay."""
BLANKS = "\u2800\u3164\uffa0\u115f\u1160"
"""Characters that look like a blank, though Unicode counts them as letters or symbols."""
_WHOLE_NUMBER = re.compile(r"(-?\d+)\.0+", re.ASCII)
_LEADING_ZEROS = re.compile(r"(?<![\d.,])0+(?=\d)", re.ASCII)


def clean_name(name: str) -> str:
    """Return ``name`` as it looks: in Unicode's form NFC, without invisible characters and blanks around it.

    Blanks of every kind in it, tabs and line ends among them, become plain ones.
    """
    if name.isascii() and name.isprintable():
        return name.strip()
    visible = (each for each in unicodedata.normalize("NFC", name) if not _is_invisible(each))
    return "".join(" " if each.isspace() or each in BLANKS else each for each in visible).strip()


def quoted(name: str) -> str:
    """Return ``name`` in quotation marks for a warning: on one line, of no more than 60 characters."""
    text = printable(clean_name(name))
    return f"'{text if len(text) <= LONGEST else text[:LONGEST] + '…'}'"


def name_key(name: str) -> str:
    """Return what is equal for names that are the same: as they look, a whole number without its ``.0``."""
    cleaned = clean_name(name)
    number = _WHOLE_NUMBER.fullmatch(cleaned)
    return number[1] if number else cleaned


def alike_key(name: str) -> str:
    """Return what is equal for names that a person may take for one: case, hyphens and leading zeros aside."""
    letters = unicodedata.normalize("NFKC", name_key(name)).casefold()
    for joiner in JOINERS:
        letters = letters.replace(joiner, "")
    return _LEADING_ZEROS.sub("", " ".join(re.sub(r"[-_\u2010-\u2015]", " ", letters).split()))


def canonical_names(names: Iterable[str]) -> dict[str, str]:
    """Return for each name the one spelling of all that are the same.

    A name that is spelt in one way alone keeps it, but for blanks around it; of ``nv`` and ``nv `` it is ``nv``, of
    ``1`` and ``1.0`` it is ``1``.
    """
    spellings: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        spellings.setdefault(name_key(name), []).append(name)
    return {
        name: key if len({each.strip() for each in same}) > 1 else name.strip()
        for key, same in spellings.items()
        for name in same
    }


def known_names(names: Iterable[str], known: Iterable[str], *, alike: bool = True) -> dict[str, str]:
    """Return for each of ``names`` that means one of ``known`` which it is; the others are missing.

    It is the same name, or else, with ``alike``, the only one that differs in case, hyphens or leading zeros alone.
    """
    exact = dict.fromkeys(known)
    same = _unambiguous(exact, name_key)
    near = _unambiguous(exact, alike_key) if alike else {}
    matches = {}
    for name in dict.fromkeys(names):
        match = name if name in exact else same.get(name_key(name)) or near.get(alike_key(name))
        if match is not None:
            matches[name] = match
    return matches


def alike_names(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return groups of two names or more that are not the same, but that a person may take for one."""
    groups: dict[str, dict[str, str]] = {}
    for name in names:
        groups.setdefault(alike_key(name), {}).setdefault(name_key(name), name)
    return [tuple(group.values()) for group in groups.values() if len(group) > 1]


def _unambiguous(names: Iterable[str], key_of: Callable[[str], str]) -> dict[str, str]:
    by_key: dict[str, list[str]] = {}
    for name in names:
        by_key.setdefault(key_of(name), []).append(name)
    return {key: same[0] for key, same in by_key.items() if len(same) == 1}


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf" and character not in JOINERS
