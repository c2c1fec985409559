"""Packing a dataset's photographs ahead of training: ``derm data ingest``."""

from __future__ import annotations

from derm_cli.data.ingesting import Ingested, ingest
from derm_cli.data.locating import locate
from derm_cli.data.records import read_records
from derm_cli.plan import Preprocessing
from derm_cli.workflows.output_files import check_work_folders
from derm_cli.workflows.session import Session


def ingest_dataset(session: Session, name: str, preprocessing: Preprocessing, *, verify: bool = False) -> Ingested:
    """Decode a dataset into the packed cache, or find it there; with ``verify`` every packed pixel is read again."""
    check_work_folders(session, "cache")
    records = read_records(locate(name, session.settings, session.registry))
    return ingest(records, preprocessing, session.settings.cache_folder, verify=verify)
