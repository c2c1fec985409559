"""The records of a chain's datasets, read for a training: what is odd about their tables is warned of."""

from __future__ import annotations

from derm_cli.console import warn
from derm_cli.data.locating import LocatedDataset, locate
from derm_cli.data.photographs_on_disk import near_files, unread_photographs, unread_text
from derm_cli.data.record_names import doubtful_names
from derm_cli.data.records import CONTRADICTING, MISSING, OUTSIDE, Records, read_records
from derm_cli.workflows.output_files import check_work_folders
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest


def chain_records(session: Session, request: TrainRequest) -> dict[str, Records]:
    """Return the records of each dataset of the request's chain, by name, the target last.  No photograph is decoded.

    Raises RequestError for a dataset that there is not, and for a runs folder or a cache that lies among photographs;
    DermError for tables that are no use.
    """
    check_work_folders(session)
    return {name: _read(dataset, request) for name, dataset in _located(session, request).items()}


class ChainRecordsOnce:
    """Reads as :func:`chain_records` does, each dataset once for all requests that leave out the same classes of it."""

    def __init__(self) -> None:
        self._located: dict[str, LocatedDataset] = {}
        self._read: dict[tuple[str, tuple[str, ...]], Records] = {}

    def __call__(self, session: Session, request: TrainRequest) -> dict[str, Records]:
        """Return the records of each dataset of the request's chain; the same objects for the same tables."""
        if not self._located:
            check_work_folders(session)
        if not self._located.keys() >= set(request.datasets):
            self._located |= _located(session, request)
        found = {}
        for name in request.datasets:
            key = (name, tuple(sorted(request.classes_left_out(name))))
            if key not in self._read:
                self._read[key] = _read(self._located[name], request)
            found[name] = self._read[key]
        return found


def _located(session: Session, request: TrainRequest) -> dict[str, LocatedDataset]:
    """Return where each dataset is: an unknown one is told of before any is read."""
    return {name: locate(name, session.settings, session.registry) for name in request.datasets}


def _read(located: LocatedDataset, request: TrainRequest) -> Records:
    name = located.name
    records = read_records(located, request.classes_left_out(name))
    for empty in records.empty:
        warn(f"class '{empty}' of dataset '{name}' has no photograph and is not in this run.")
    unread = unread_text(unread_photographs(located.root, map(str, records.frame["file"])))
    if unread:
        warn(f"dataset '{name}' has {unread}.")
    _warn_of_near_files(records)
    contradicting = int((records.dropped["reason"] == CONTRADICTING).sum())
    if contradicting:
        warn(
            f"dataset '{name}' has photographs that stand in records of two classes, of which the first is used "
            f"({contradicting}): 'derm data check {name}' names them."
        )
    for sentence in doubtful_names(records):
        warn(sentence)
    return records


def _warn_of_near_files(records: Records) -> None:
    missing = records.dropped.loc[records.dropped["reason"].isin((MISSING, OUTSIDE)), "file"]
    near = near_files(records.located.root, map(str, missing))
    if near:
        file, nearest = next(iter(near.items()))
        warn(
            f"{len(missing)} photographs of dataset '{records.name}' are not there, but files of the name of "
            f"{len(near)} are, such as '{nearest}' for '{file}': 'derm data check {records.name}' names them."
        )
