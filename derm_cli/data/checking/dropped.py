"""What training drops, with the reasons that it gives, and the values that it takes for unknown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from derm_cli.data.checking.findings import Case, Checked, Finding, singles
from derm_cli.data.records import LEFT_OUT, MISSING, NO_CASE, SAME_CASE, UNKNOWN_LABEL
from derm_cli.taxonomy import known_diagnoses

NAMED = 5
"""How many unknown labels are told of by name."""
OTHER = "unreadable"
_REASONS = (
    (re.escape(UNKNOWN_LABEL), "unknown-label"),
    (re.escape(NO_CASE), "empty-id"),
    (re.escape(SAME_CASE), "duplicate-id"),
    (re.escape(MISSING), "missing-file"),
    (re.escape(LEFT_OUT), "left-out"),
    ("empty file", "empty-file"),
    ("not an image|not a file|HEIC.*", "not-an-image"),
    ("damaged or cut short.*", "damaged"),
    ("animated.*", "animated"),
    (".* is too small.*", "far-too-small"),
    (".*more than .* pixels", "far-too-large"),
)


def dropped(checked: Checked) -> Iterator[Finding]:
    """Tell of each record that training drops, by what is amiss with it."""
    cases: dict[str, list[Case]] = {}
    columns = (checked.records.dropped[name].astype(str) for name in ("case_id", "file", "label", "reason"))
    for case, file, label, reason in zip(*columns, strict=True):
        cases.setdefault(kind_of(reason), []).append(Case(checked.name, case, file, label, reason))
    for kind, found in cases.items():
        yield from singles(kind, found, _labels(checked, found) if kind == "unknown-label" else "")


def kind_of(reason: str) -> str:
    """Return the kind of finding that a reason for dropping a record is."""
    return next((kind for pattern, kind in _REASONS if re.fullmatch(pattern, reason, re.DOTALL)), OTHER)


def refused(checked: Checked) -> Iterator[Finding]:
    """Tell of values that cannot be, such as an age of 850, of records that are used."""
    frame, values = checked.frame, checked.records.refused
    rows = {case: row for row, case in enumerate(frame["case_id"])}
    told = [
        (rows[each.case_id], f"{each.column} '{each.value}'")
        for each in values.itertuples(index=False)
        if each.case_id in rows
    ]
    yield from singles("impossible-value", checked.cases(told))


def diagnoses(checked: Checked) -> Iterator[Finding]:
    """Tell of diagnoses that are no places in the ISIC hierarchy, of records that are used."""
    given = checked.frame["diagnosis"].tolist()
    unknown = set(given) - {""}
    unknown = unknown - known_diagnoses() if unknown else unknown
    told = [(row, place) for row, place in enumerate(given) if place in unknown]
    yield from singles("unknown-diagnosis", checked.cases(told))


def _labels(checked: Checked, cases: list[Case]) -> str:
    """Return the unknown labels, the most frequent first, each with the class that may be meant."""
    counts: dict[str, int] = {}
    for case in cases:
        counts[case.label] = counts.get(case.label, 0) + 1
    known = {each.name.lower(): each.name for each in checked.records.classes}
    told = []
    for label, count in sorted(counts.items(), key=lambda pair: -pair[1])[:NAMED]:
        near = difflib.get_close_matches(label.lower(), known, n=1, cutoff=0.6)
        told.append(f"'{label}' ({count}{f', is it {known[near[0]]!r}?' if near else ''})")
    return ", ".join(told) + (f" and {len(counts) - NAMED} more" if len(counts) > NAMED else "")
