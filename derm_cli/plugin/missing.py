"""The words by which tables say that something is not known: they are no patient, no class and no value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from statistics import median

from derm_cli.plugin.names import clean_name

UNKNOWN_WORDS = frozenset(
    {
        *("", "unknown", "unk", "unkn", "not known", "unspecified", "not specified", "undefined", "not defined"),
        *("nan", "nat", "none", "null", "nil", "na", "n/a", "n.a.", "n.a", "n/k", "missing", "empty", "no data"),
        *("not available", "not recorded", "not reported", "not provided", "not given", "not stated", "no value"),
        *("value!", "null!", "ref!", "div/0!", "name?", "num!"),
    }
)
"""The words, in lower case and without brackets or a ``#`` around them, that say that nothing is known."""
_MARKS = re.compile(r"[-\u2010-\u2015\u2212?.*_/\s]*")
"""Text of dashes and question marks alone."""
_NEGATIVE = re.compile(r"-(1|9+)(\.0+)?")
"""Numbers that programs write where they have none: -1, -9, -99, -999.0."""
NEVER_NEGATIVE = frozenset({"patient", "lesion", "age", "diameter"})
"""The columns of records in which -1 and its like mean that nothing is known."""


@lru_cache(maxsize=16384)
def is_unknown(text: str, column: str = "") -> bool:
    """Tell whether ``text`` says that nothing is known, in whatever case: 'nan', 'N/A', '<NA>', '(unknown)', '-', '?'.

    In the ``column`` of a record that holds no negative numbers, -1 and -99 say so too.
    """
    cleaned = clean_name(text)
    word = " ".join(cleaned.strip("<>()[]{}#\"'").casefold().split())
    return (
        word in UNKNOWN_WORDS
        or bool(_MARKS.fullmatch(cleaned))
        or (column in NEVER_NEGATIVE and bool(_NEGATIVE.fullmatch(cleaned)))
    )


FEWEST_CASES = 20
LARGE_SHARE = 0.2
"""A share of the cases that no patient has, if most have a third of the largest one's or less."""


def dominant_value(values: Iterable[str]) -> tuple[str, int] | None:
    """Return the patient (or lesion) of a suspiciously large share of the cases, with their number; None without one.

    ``values`` are those of all cases, empty where unknown.  It has a fifth of 20 cases or more, and more than three
    times as many as the median patient: a word for 'unknown' may be taken for a patient.
    """
    every = list(values)
    counts = Counter(value for value in every if value)
    if len(every) < FEWEST_CASES or len(counts) < 2:
        return None
    value, count = counts.most_common(1)[0]
    return (value, count) if count >= LARGE_SHARE * len(every) and count > 3 * median(counts.values()) else None


def dominance_text(what: str, count: int, cases: int) -> str:
    """Return a sentence's clause on a dominant patient or lesion: ``what`` it is, and its cases."""
    return (
        f"{what} has {count} of {cases} cases: is that a word for 'unknown'? Then leave the cell "
        "empty, or else they all count as one"
    )
