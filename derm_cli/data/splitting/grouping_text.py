"""What a dataset's split really goes by, in words: the patients and lesions that its records name, and how many."""

from __future__ import annotations

from derm_cli.data.records import Records
from derm_cli.data.splitting.grouping import group_numbers

PLURALS = {"patient": "patients", "lesion": "lesions"}
"""What keeps photographs together beside their contents, the strongest first."""


def split_by(records: Records) -> str:
    """Return what keeps photographs of a dataset together: 'patient, lesion or duplicate', 'duplicate alone'."""
    named = [column for column in PLURALS if _known_counts(records, column)[1]]
    return f"{', '.join(named)} or duplicate" if named else "duplicate alone"


def grouping_text(records: Records) -> str:
    """Return how many patients, lesions and groups there are, and how many photographs have none of them.

    Photographs are not decoded yet: files and looks that are the same are not counted.
    """
    total = len(records.frame)
    groups = len(set(group_numbers(records.frame).tolist()))
    parts = []
    for column, plural in PLURALS.items():
        names, photographs = _known_counts(records, column)
        if photographs:
            of = f"all {total}" if photographs == total else f"{photographs} of {total}"
            parts.append(f"{names} {plural if names > 1 else column} ({of} photographs)")
    if not parts:
        return (
            f"nothing but the same file and the same looks, for neither patients nor lesions are named; {groups} "
            "groups before photographs are decoded"
        )
    return f"{', '.join(parts)}, and the same file and looks; {groups} groups before photographs are decoded"


def _known_counts(records: Records, column: str) -> tuple[int, int]:
    """Return how many names a column has, and how many photographs have one."""
    if column not in records.frame:
        return 0, 0
    values = records.frame[column].dropna()
    values = values[values != ""]
    return int(values.nunique()), len(values)
