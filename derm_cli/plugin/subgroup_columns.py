"""Columns of a dataset's own by which subgroups are formed: a camera, a thickness in bins, a waiting room."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from derm_cli.errors import SpecError
from derm_cli.plugin.missing import is_unknown
from derm_cli.plugin.names import clean_name
from derm_cli.plugin.numbers import is_number
from derm_cli.plugin.records import NO_BOUND, RECORD_COLUMNS, RecordColumn

OWN_SUBGROUP = "by_"
"""What the column of a predictions table begins with whose values are subgroups as they are written."""
_OF_DERM = frozenset(
    each.casefold()
    for each in (
        *(column.name for column in RECORD_COLUMNS),
        *(spelling for column in RECORD_COLUMNS for spelling in column.spellings),
        *("dataset", "quality", "focus", "brightness", "group", "row", "part", "sha256", "fingerprint"),
    )
)
"""Names and titles that no column of a dataset's own has: they mean something else, or tell who somebody is."""


@dataclass(frozen=True, kw_only=True)
class SubgroupColumn:
    """A column of a dataset's records by which evaluations form subgroups, beside sex, age, site and skin type.

    ``name`` is that of the column of records: lower-case words joined by underscores.  ``title`` is what pages and
    tables call it; in predictions tables it stands behind ``by_``.  ``kind`` is ``categories``, the texts ``choices``,
    or ``bins``: numbers, of ``unit``, that are cut at ``edges``, which ascend; each belongs to the bin above it.  So
    no text that was not declared, and no number, leaves the records: a value that is neither is missing, and told of by
    ``derm data check``.  Raises SpecError for a wrong field, and for what derm has a column of already, such as a
    patient.
    """

    name: str
    title: str
    kind: Literal["categories", "bins"]
    choices: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    unit: str = ""

    def __post_init__(self) -> None:
        fits = isinstance(self.name, str) and re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", self.name)
        self._require(fits, "name", self.name, "lower-case words joined by underscores")
        is_line = isinstance(self.title, str) and self.title and self.title == clean_name(self.title)
        self._require(is_line and self.title.isprintable(), "title", self.title, "a line of text")
        for field, value in (("name", self.name), ("title", self.title)):
            folded = value.casefold()
            taken = {folded, folded.replace("_", " ")} & _OF_DERM or folded.startswith(OWN_SUBGROUP)
            self._require(not taken, field, value, "another one, for derm has a column of that")
        self._require(self.kind in ("categories", "bins"), "kind", self.kind, "categories or bins")
        texts = isinstance(self.choices, tuple) and all(
            isinstance(each, str) and each == clean_name(each) and each.isprintable() and not is_unknown(each)
            for each in self.choices
        )
        several = len(self.choices) >= 2 and len(set(self.choices)) == len(self.choices)
        self._require(
            texts and (several if self.kind == "categories" else not self.choices),
            "choices",
            self.choices,
            "two texts or more that differ, for categories alone",
        )
        numbers = isinstance(self.edges, tuple) and all(map(is_number, self.edges))
        ascending = numbers and all(low < high for low, high in pairwise(self.edges))
        self._require(
            ascending and bool(self.edges) == (self.kind == "bins"),
            "edges",
            self.edges,
            "numbers that ascend, one or more, for bins alone",
        )
        self._require(isinstance(self.unit, str), "unit", self.unit, "a text")

    def _require(self, holds: object, name: str, value: object, wanted: str) -> None:
        if not holds:
            raise SpecError(f"subgroup column '{self.name}': field '{name}' is {value!r}, but must be {wanted}.")

    @property
    def column(self) -> str:
        """The column of predictions tables with its subgroups."""
        return OWN_SUBGROUP + self.title

    @property
    def record_column(self) -> RecordColumn:
        """The column of records with its values."""
        if self.kind == "categories":
            return RecordColumn(name=self.name, meaning=self.title, choices=self.choices)
        bounds = (-NO_BOUND, NO_BOUND)
        return RecordColumn(
            name=self.name, meaning=self.title, kind="number", bounds=bounds, unit=self.unit or "a number"
        )

    def subgroup(self, value: Any) -> str:
        """Return the subgroup of a value that fits: the text itself, or its bin, as in ``1 to under 2 mm``."""
        if self.kind == "categories":
            return str(value)
        place, unit = bisect_right(self.edges, float(value)), f" {self.unit}" if self.unit else ""
        if not place:
            return f"under {self.edges[0]:g}{unit}"
        if place == len(self.edges):
            return f"{self.edges[-1]:g}{unit} and over"
        return f"{self.edges[place - 1]:g} to under {self.edges[place]:g}{unit}"


def subgroup_title(column: str) -> str:
    """Return what a column of a predictions table is called that subgroups are formed by."""
    return column.removeprefix(OWN_SUBGROUP)
