"""Datasets: which there are, and packing one ahead of training."""

from __future__ import annotations

from derm_cli.data.ingesting import Ingested, ingest
from derm_cli.data.locating import LocatedDataset, known_dataset_names, locate
from derm_cli.data.records import read_records
from derm_cli.plan import Preprocessing
from derm_cli.workflows.session import Session


def list_datasets(session: Session) -> list[LocatedDataset]:
    """Return every dataset that a chain can name, with the place where derm looks for it."""
    return [
        locate(name, session.settings, session.registry)
        for name in known_dataset_names(session.settings, session.registry)
    ]


def ingest_dataset(session: Session, name: str, preprocessing: Preprocessing, *, verify: bool = False) -> Ingested:
    """Decode a dataset into the packed cache, or find it there; with ``verify`` every packed pixel is read again."""
    records = read_records(locate(name, session.settings, session.registry))
    return ingest(records, preprocessing, session.settings.cache_folder, verify=verify)
