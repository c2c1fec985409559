"""Knows the columns of tables that people write by the names that they give them: 'Patient ID', 'pid', ' patient '."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from derm_cli.console import warn
from derm_cli.errors import DermError
from derm_cli.nouns import listed
from derm_cli.plugin.metadata_fields import COMMON_FIELDS
from derm_cli.plugin.names import clean_name, quoted
from derm_cli.plugin.records import RECORD_COLUMNS

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    column.name: (column.name.replace("_", " "), *column.spellings) for column in RECORD_COLUMNS
}
"""The names by which each column of records is known in a table, by the column's own name."""
NEAR = 0.8
"""Of the letters of two names, the share that is the same where one may be the other, misspelt."""
SHORTEST = 5
"""Letters below which a name is near to too many others."""
TELLING = ("patient",)
"""Words that a column's name has for one reason alone."""
DESCRIPTIVE = frozenset({"case_id", "diagnosis", "skin_tone", "image_type", "mask", *COMMON_FIELDS})
"""Columns of which the first is taken where there are several: they decide neither classes nor splits."""
LISTED = 12
"""How many unused columns are listed by name."""

_given_warnings: set[str] = set()


def column_key(name: str) -> str:
    """Return what is equal for spellings of one column's name: its letters and digits, in lower case."""
    return "".join(each for each in unicodedata.normalize("NFKC", name).casefold() if each.isalnum())


def _word(name: str) -> str:
    """Return what a column's name says, with or without an 'ID'."""
    return column_key(name).removesuffix("id")


@dataclass(frozen=True)
class ColumnNames:
    """What the columns of a table are: ``used`` has for each that is known its own name, by the name in the header.

    ``near`` has for others the known column that may be meant; ``unused`` are the rest, in the header's order.
    """

    used: Mapping[str, str]
    near: Mapping[str, str]
    unused: tuple[str, ...]

    def renamed(self, header: Iterable[str]) -> list[str]:
        """Return the header with the columns' own names."""
        return [self.used.get(name, name) for name in header]

    def warn(self, path: Path) -> None:
        """Warn, once for each table, of columns of other names, near misses and what is not used."""
        others = [f"{quoted(name)} as '{own}'" for name, own in self.used.items() if _word(name) != _word(own)]
        sentences = [f"reads the column {', '.join(others)}"] if others else []
        sentences += [
            f"does not use the column {quoted(name)}: did you mean '{own}'?" for name, own in self.near.items()
        ]
        if self.unused:
            names = listed([quoted(name) for name in self.unused], LISTED)
            sentences.append(f"does not use the column{'s' * (len(self.unused) > 1)} {names}")
        for sentence in sentences:
            message = f"'{path}': derm {sentence}{'' if sentence.endswith('?') else '.'}"
            if message not in _given_warnings:
                _given_warnings.add(message)
                warn(message)


def _fits_always(_own: str, _name: str) -> bool:
    return True


def match_columns(
    path: Path,
    header: Sequence[str],
    spellings: Mapping[str, Sequence[str]],
    fits: Callable[[str, str], bool] = _fits_always,
    needed: Collection[str] = (),
) -> ColumnNames:
    """Return what the columns of the table ``path`` are, by the ``spellings`` of each column's own name.

    A column of exactly that name goes first, then one that differs in case, blanks and hyphens, then one of another
    spelling, if ``fits`` tells that its cells can be of the column, by its own name and that in the header.  A column
    that is ``needed`` may take another's: a table without ``label`` may have its classes in ``diagnosis``.  Raises
    DermError where two columns could be the same one.
    """
    names = [name for name in header if name]
    used = {name: name for name in names if name in spellings}
    keys_of_own = {own: {column_key(own)} for own in spellings}
    keys_of_others = {own: set(map(column_key, others)) for own, others in spellings.items()}
    for keys in (keys_of_own, keys_of_others):
        for own in spellings:
            if own in used.values():
                continue
            claimed = [name for name in names if name not in used and column_key(name) in keys[own]]
            fitting = [name for name in claimed if fits(own, name)]
            if len(fitting) > 1 and own not in DESCRIPTIVE:
                listed = " and ".join(quoted(name) for name in fitting)
                raise DermError(
                    f"'{path}' has the columns {listed}, and each could be '{own}': name the one that is meant '{own}'."
                )
            if fitting:
                used[fitting[0]] = own
    for own in needed:
        if own not in used.values():
            optional = [name for name, other in used.items() if other not in needed]
            used |= {name: own for name in optional if column_key(name) in keys_of_others[own] and fits(own, name)}
    lacking = {
        own: {column_key(own), *map(column_key, spellings[own])} for own in spellings if own not in used.values()
    }
    near = {name: own for name in names if name not in used and (own := _nearest(name, lacking))}
    return ColumnNames(used, near, tuple(name for name in names if name not in used and name not in near))


def _nearest(name: str, keys: Mapping[str, set[str]]) -> str:
    """Return the column that ``name`` may mean, '' where it is near to none."""
    key = column_key(clean_name(name))
    if len(key) < SHORTEST:
        return ""
    for own in keys:
        if any(word in key and word in keys[own] for word in TELLING):
            return own
    ratios = {
        own: max((SequenceMatcher(None, key, each).ratio() for each in keys[own] if len(each) >= SHORTEST), default=0)
        for own in keys
    }
    best = max(ratios, key=ratios.__getitem__, default="")
    return best if best and ratios[best] >= NEAR else ""
