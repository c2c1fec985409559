"""Whether datasets are in order: everything read and decoded, and what is amiss, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derm_cli.data.checking.checks import run_checks
from derm_cli.data.checking.coverage import Coverage
from derm_cli.data.checking.findings import DecodedDataset, Finding
from derm_cli.data.checking.kinds import FAILING, SEVERITIES
from derm_cli.data.checking.page import write_page
from derm_cli.data.ingesting import decode_records
from derm_cli.data.locating import LocatedDataset, locate
from derm_cli.data.photographs_on_disk import unread_photographs
from derm_cli.data.records import Records, read_usable_records
from derm_cli.errors import RequestError
from derm_cli.nouns import counted
from derm_cli.plan import Preprocessing
from derm_cli.workflows.output_files import check_work_folders
from derm_cli.workflows.session import Session

SIZE = 64
"""The side, in pixels, to which photographs are packed when they are only checked."""


@dataclass(frozen=True)
class Dataset:
    """A dataset that was checked: its usable records, with what it covers, and the records that training drops."""

    records: Records
    coverage: Coverage
    unread: tuple[str, ...] = ()
    """The photographs in its folder whose format is not read."""

    @property
    def located(self) -> LocatedDataset:
        """Its plugin's spec and its folder."""
        return self.records.located

    @property
    def usable(self) -> int:
        """How many photographs training uses."""
        return len(self.records.frame)

    @property
    def total(self) -> int:
        """How many records there are."""
        return self.usable + len(self.records.dropped)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        dropped = self.records.dropped.groupby("reason", sort=False)["case_id"].agg(list).to_dict()
        return {
            "name": self.located.name,
            "title": self.located.spec.title,
            "path": str(self.located.root),
            "synthetic": self.located.spec.synthetic,
            "records": self.total,
            "usable": self.usable,
            "dropped": {str(reason): cases for reason, cases in dropped.items()},
            **self.coverage.to_json(),
        }


@dataclass(frozen=True)
class Report:
    """What was checked, and what was found, the worst first."""

    datasets: tuple[Dataset, ...]
    findings: tuple[Finding, ...]

    def of(self, severity: str) -> tuple[Finding, ...]:
        """Return the findings of one severity."""
        return tuple(each for each in self.findings if each.kind.severity == severity)

    @property
    def fit(self) -> bool:
        """Whether one may train on them: there is no error, though records may be dropped."""
        return not self.of("error")

    @property
    def strictly_fit(self) -> bool:
        """Whether ``--strict`` is content: there is no error and no warning, and no record is dropped."""
        return not any(self.of(severity) for severity in FAILING)

    def verdict(self) -> str:
        """Return, in a line, whether one may train on them."""
        usable, total = (sum(getattr(each, name) for each in self.datasets) for name in ("usable", "total"))
        errors = self.of("error")
        said = [
            counted(len(self.of(severity)), severity)
            for severity in SEVERITIES
            if severity != "dropped" and self.of(severity)
        ]
        of_each = " (" + ", ".join(f"{each.located.name} {each.usable:,}" for each in self.datasets) + ")"
        photographs = f"{usable:,} of {total:,} photographs{of_each if len(self.datasets) > 1 else ''}"
        if errors:
            titles = list(dict.fromkeys(each.kind.title for each in errors))
            return f"Not fit to train on as it is: {', '.join(titles)} ({', '.join(said)}); usable: {photographs}."
        return f"Fit to train on: {photographs}; {', '.join(said) or 'nothing is amiss'}."

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, with every case of every finding."""
        return {
            "fit": self.fit,
            "strictly_fit": self.strictly_fit,
            "verdict": self.verdict(),
            "datasets": [each.to_json() for each in self.datasets],
            "findings": [each.to_json() for each in self.findings],
        }

    def write_html(self, path: Path, *, photographs: bool) -> None:
        """Write the report as a page that needs no other file; with ``photographs`` it shows those found, small.

        Raises DermError where it cannot be written.
        """
        roots = {each.located.name: each.located.root for each in self.datasets}
        facts = [each.to_json() for each in self.datasets]
        write_page(path, self.verdict(), facts, self.findings, roots if photographs else {})


def check_datasets(session: Session, names: Sequence[str]) -> Report:
    """Read and decode datasets, and tell what training would drop and what is doubtful, alone and between them.

    Too little to train on is a finding, not an error.  Raises DermError where a folder has not the layout, and
    RequestError for an unknown name or one that is given twice.
    """
    for name in names:
        if names.count(name) > 1:
            raise RequestError(f"Dataset '{name}' is named twice: name each once.")
    check_work_folders(session, "cache")
    located = [locate(name, session.settings, session.registry) for name in names]
    checked = [_decoded(each, session.settings.cache_folder) for each in located]
    result = run_checks(checked)
    datasets = (_checked(each.records, coverage) for each, coverage in zip(checked, result.coverage, strict=True))
    return Report(tuple(datasets), result.findings)


def _checked(records: Records, coverage: Coverage) -> Dataset:
    unread = unread_photographs(records.located.root, map(str, records.frame["file"]))
    return Dataset(records, coverage, tuple(unread))


def _decoded(located: LocatedDataset, cache: Path) -> DecodedDataset:
    records = read_usable_records(located)
    has_masks = "mask" in records.frame and records.frame["mask"].notna().any()
    preprocessing = Preprocessing(size=SIZE, crop="lesion" if has_masks else "none")
    decoded = decode_records(records, preprocessing, cache)
    facts = (decoded.packed.facts[row] for row in decoded.records.frame["row"])
    masks = {case: reason for reason, cases in decoded.uncropped.items() for case in cases}
    return DecodedDataset(decoded.records, tuple(each for each in facts if each is not None), masks)
