"""Checks for records that training drops, and for values that it takes for unknown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace

from derm_cli.data.checking.findings import Case, DecodedDataset, Finding, grouped_findings, single_findings
from derm_cli.data.photographs_on_disk import near_files
from derm_cli.data.records import (
    CONTRADICTING,
    LEFT_OUT,
    MISSING,
    NO_CASE,
    NO_FILE,
    NO_LABEL,
    NOT_TEXT,
    OUTSIDE,
    SAME_CASE,
    SAME_FILE,
    UNKNOWN_LABEL,
)
from derm_cli.taxonomy import known_diagnoses

NAMED = 5
"""How many unknown labels are told of by name."""
OTHER_KIND = "unreadable"
OF_LABELS = ("unknown-label", "unlabelled")
"""Kinds of findings that list the labels in question."""
_REASONS = (
    (re.escape(UNKNOWN_LABEL), "unknown-label"),
    (re.escape(NO_LABEL), "unlabelled"),
    (re.escape(NO_CASE), "empty-id"),
    (re.escape(NO_FILE), "no-file"),
    (re.escape(SAME_CASE), "duplicate-id"),
    (re.escape(SAME_FILE), "duplicate-file"),
    (re.escape(CONTRADICTING), "contradicting-copies"),
    (re.escape(OUTSIDE), "outside"),
    (re.escape(NOT_TEXT), "name-not-text"),
    (re.escape(MISSING), "missing-file"),
    (re.escape(LEFT_OUT), "left-out"),
    ("empty file", "empty-file"),
    ("not an image|not a file", "not-an-image"),
    ("HEIC.*", "unread-format"),
    ("damaged or cut short.*", "damaged"),
    ("animated.*", "animated"),
    (".* is too small.*", "far-too-small"),
    (".*more than .* pixels", "far-too-large"),
)


def dropped_records(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield findings about the records that training drops, by what is amiss with them."""
    cases_by_kind: dict[str, list[Case]] = {}
    columns = (dataset.records.dropped[name].astype(str) for name in ("case_id", "file", "label", "reason"))
    rows = list(zip(*columns, strict=True))
    near = near_files(
        dataset.records.located.root, (file for _, file, _, reason in rows if reason in (MISSING, OUTSIDE))
    )
    for case, file, label, reason in rows:
        detail = f"{reason}, is it '{near[file]}'?" if reason in (MISSING, OUTSIDE) and file in near else reason
        cases_by_kind.setdefault(kind_of_reason(reason), []).append(Case(dataset.name, case, file, label, detail))
    yield from grouped_findings(
        "contradicting-copies", _with_first(dataset, cases_by_kind.pop("contradicting-copies", []))
    )
    for kind, cases in cases_by_kind.items():
        yield from single_findings(kind, cases, _unknown_labels_text(dataset, cases) if kind in OF_LABELS else "")


def _with_first(dataset: DecodedDataset, cases: list[Case]) -> list[tuple[Case, ...]]:
    """Return records that contradict an earlier one of the same file, file by file, each group behind that record."""
    frame, dropped = dataset.frame, dataset.records.dropped
    by_file: dict[str, list[Case]] = {}
    for case in cases:
        by_file.setdefault(case.file, []).append(replace(case, detail=""))
    groups = []
    for file, later in by_file.items():
        case_id = later[0].case_id
        rows = frame.index[frame["case_id"] == case_id].tolist()
        # The first record may be dropped too: its photograph may be damaged, or not there.
        labels = dropped.loc[(dropped["case_id"] == case_id) & (dropped["reason"] != CONTRADICTING), "label"]
        first = [dataset.case(row) for row in rows] or [
            Case(dataset.name, case_id, file, label) for label in labels.head(1)
        ]
        groups.append((*first, *later))
    return groups


def kind_of_reason(reason: str) -> str:
    """Return the kind of finding that a reason for dropping a record is."""
    return next((kind for pattern, kind in _REASONS if re.fullmatch(pattern, reason, re.DOTALL)), OTHER_KIND)


def refused_values(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about values that cannot be, such as an age of 850, of records that are used."""
    frame, values = dataset.frame, dataset.records.refused
    rows = {case: row for row, case in enumerate(frame["case_id"])}
    details = [
        (rows[each.case_id], f"{each.column} '{each.value}'")
        for each in values.itertuples(index=False)
        if each.case_id in rows
    ]
    yield from single_findings("impossible-value", dataset.cases(details))


def unknown_diagnoses(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about diagnoses that are not in the ISIC hierarchy, of records that are used."""
    diagnoses = dataset.frame["diagnosis"].tolist()
    unknown = set(diagnoses) - {""}
    unknown = unknown - known_diagnoses() if unknown else unknown
    details = [(row, diagnosis) for row, diagnosis in enumerate(diagnoses) if diagnosis in unknown]
    yield from single_findings("unknown-diagnosis", dataset.cases(details))


def _unknown_labels_text(dataset: DecodedDataset, cases: list[Case]) -> str:
    """Return the unknown labels, the most frequent first, each with the class that may be meant."""
    counts: dict[str, int] = {}
    for case in cases:
        counts[case.label] = counts.get(case.label, 0) + 1
    known = {each.name.lower(): each.name for each in dataset.records.classes}
    texts = []
    for label, count in sorted(counts.items(), key=lambda pair: -pair[1])[:NAMED]:
        near = difflib.get_close_matches(label.lower(), known, n=1, cutoff=0.6)
        texts.append(f"'{label}' ({count}{f', is it {known[near[0]]!r}?' if near else ''})")
    return ", ".join(texts) + (f" and {len(counts) - NAMED} more" if len(counts) > NAMED else "")
