"""Datasets: which there are, whether one is in order, and packing one ahead of training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from derm_cli.data.locating import Located, locate, names
from derm_cli.data.records import Records, read_records
from derm_cli.plan import Preprocessing
from derm_cli.workflows.ingesting import Ingested, ingest
from derm_cli.workflows.session import Session

CHECK_SIZE = 64
"""The side, in pixels, to which photographs are decoded when they are only checked."""


@dataclass(frozen=True)
class Finding:
    """What is amiss with some records, with the cases that it concerns."""

    what: str
    cases: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """A dataset as it lies on disk: usable photographs by class, records that training drops, and findings."""

    located: Located
    photographs: dict[str, int]
    patients: int | None
    lesions: int | None
    dropped: dict[str, tuple[str, ...]]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "name": self.located.name,
            "path": str(self.located.root),
            "synthetic": self.located.spec.made,
            "photographs": self.photographs,
            "patients": self.patients,
            "lesions": self.lesions,
            "dropped": {reason: list(cases) for reason, cases in self.dropped.items()},
            "findings": [{"what": finding.what, "cases": list(finding.cases)} for finding in self.findings],
        }


def list_datasets(session: Session) -> list[Located]:
    """Return every dataset that a chain can name, with the place where derm looks for it."""
    return [locate(name, session.settings, session.registry) for name in names(session.settings, session.registry)]


def ingest_dataset(session: Session, name: str, preprocessing: Preprocessing) -> Ingested:
    """Decode a dataset into the packed cache, or find it there."""
    return ingest(
        read_records(locate(name, session.settings, session.registry)), preprocessing, session.settings.cache_folder
    )


def check_dataset(session: Session, name: str) -> Report:
    """Read and decode everything, and tell what training would drop and what is suspicious.

    Raises DermError where the folder has not the layout.
    """
    ingested = ingest_dataset(session, name, Preprocessing(size=CHECK_SIZE))
    records = ingested.records
    frame = records.frame
    dropped = records.dropped.groupby("reason", sort=False)["case_id"].agg(tuple).to_dict()
    counts = frame["label"].value_counts()
    return Report(
        located=records.located,
        photographs={each.name: int(counts.get(each.name, 0)) for each in records.classes},
        patients=_distinct(records, "patient"),
        lesions=_distinct(records, "lesion"),
        dropped={str(reason): cases for reason, cases in dropped.items()},
        findings=_duplicates(records),
    )


def _distinct(records: Records, column: str) -> int | None:
    return int(records.frame[column].nunique()) if column in records.frame else None


def _duplicates(records: Records) -> tuple[Finding, ...]:
    """Return the files that are byte for byte the same, those with contradicting classes first."""
    found = []
    for _, same in records.frame.groupby("sha256", sort=False):
        if len(same) > 1:
            contradicting = same["label"].nunique() > 1
            what = "the same file under different classes" if contradicting else "the same file"
            found.append((not contradicting, Finding(what, tuple(same["case_id"].astype(str)))))
    return tuple(finding for _, finding in sorted(found, key=lambda pair: pair[0]))
