"""Findings of data checks: what is amiss, and with which cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from derm_cli.data.checking.kinds import KINDS, FindingKind
from derm_cli.data.facts import Facts
from derm_cli.data.records import Records


@dataclass(frozen=True)
class Case:
    """A photograph that a finding is about; ``detail`` is what is found of this one.

    ``file`` is relative to the dataset's folder.  What is on disk but in no record has neither case nor label.
    """

    dataset: str
    case_id: str
    file: str
    label: str
    detail: str = ""


@dataclass(frozen=True)
class Finding:
    """What is amiss: a kind, and the cases in groups that belong together, such as copies of one file.

    What is told of one photograph alone has groups of one; what is told of a dataset or a class has none, and
    ``detail`` says it.
    """

    kind: FindingKind
    groups: tuple[tuple[Case, ...], ...] = ()
    detail: str = ""

    @property
    def cases(self) -> tuple[Case, ...]:
        """All cases, group by group."""
        return tuple(case for group in self.groups for case in group)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        values: dict[str, Any] = {"kind": self.kind.name, "severity": self.kind.severity, "title": self.kind.title}
        groups = [[asdict(case) for case in group] for group in self.groups]
        return values | {"detail": self.detail, "advice": self.kind.advice, "groups": groups}


@dataclass(frozen=True)
class DecodedDataset:
    """A dataset that was read and decoded, to be checked: its usable records, their facts, and unusable masks.

    ``records.frame`` has the column ``sha256`` of the files; ``facts`` are in its order; ``masks`` are the reasons by
    case.
    """

    records: Records
    facts: tuple[Facts, ...]
    masks: dict[str, str]

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.records.name

    @property
    def frame(self) -> pd.DataFrame:
        """The usable records."""
        return self.records.frame

    def case(self, row: int, detail: str = "") -> Case:
        """Return the case of a usable record."""
        return self.cases([(row, detail)])[0]

    def cases(self, rows: Iterable[tuple[int, str]]) -> tuple[Case, ...]:
        """Return the cases of usable records, by their rows, each with a detail."""
        ids, files, labels = (self.frame[column].tolist() for column in ("case_id", "file", "label"))
        return tuple(Case(self.name, ids[row], files[row], labels[row], detail) for row, detail in rows)


Check = Callable[[DecodedDataset], Iterable[Finding]]
"""A check of one dataset."""


def single_findings(kind: str, cases: Iterable[Case], detail: str = "") -> list[Finding]:
    """Return a finding whose groups are single cases, or none where there are no cases."""
    groups = tuple((case,) for case in cases)
    return [Finding(KINDS[kind], groups, detail)] if groups else []


def grouped_findings(kind: str, groups: Iterable[tuple[Case, ...]]) -> list[Finding]:
    """Return a finding about ``groups`` of cases, or none where there are no groups."""
    all_groups = tuple(groups)
    return [Finding(KINDS[kind], all_groups)] if all_groups else []
