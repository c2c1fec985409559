"""Checks of what is known beside the photographs: answers that give the label away."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.data.checking.findings import DecodedDataset, Finding
from derm_cli.data.checking.kinds import KINDS
from derm_cli.data.shortcuts import shortcuts


def shortcut_answers(dataset: DecodedDataset) -> Iterator[Finding]:
    """Yield a finding about each field that is a shortcut: by what its missingness tells, or by what it is."""
    for shortcut in shortcuts(dataset.records):
        kind = "tells-label" if shortcut.field.tells_label else "shortcut"
        yield Finding(KINDS[kind], detail=f"{dataset.name}: '{shortcut.field.name}', {shortcut.reason}")
