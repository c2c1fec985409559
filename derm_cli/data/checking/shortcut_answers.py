"""Checks of what is known beside the photographs: answers that give the label away."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.data.checking.findings import DecodedDataset, Finding
from derm_cli.data.checking.kinds import KINDS
from derm_cli.data.shortcuts import shortcuts


def shortcut_answers(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about the fields that are shortcuts for one reason: what their missingness tells, or they do."""
    names: dict[tuple[str, str], list[str]] = {}
    for shortcut in shortcuts(dataset.records):
        kind = "tells-label" if shortcut.field.tells_label else "shortcut"
        names.setdefault((kind, shortcut.reason), []).append(f"'{shortcut.field.name}'")
    for (kind, reason), fields in names.items():
        # The title of the one kind is the reason.
        why = "" if kind == "tells-label" else f": {reason}"
        yield Finding(KINDS[kind], detail=f"{dataset.name}: {', '.join(fields)}{why}")
