"""A training that is asked for once: taken from the run that was trained for it, gone on with, or begun."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from derm_cli.data.ingesting import ingest
from derm_cli.engine import backend
from derm_cli.errors import DermError
from derm_cli.plan import Plan
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.lease import lock_held
from derm_cli.runs.record import RUNNING
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import Prepared, prepare
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.train import resume, train
from derm_cli.workflows.training.weight_source import stored_request

POLL = 2.0
"""Seconds after which it is looked again whether a run is being trained."""


class InTraining(DermError):
    """Another process trains this, as it is asked for here."""


def take_or_train(
    session: Session, request: TrainRequest, earlier: EarlierRuns, patience: float = 0
) -> tuple[RunFolder, bool]:
    """Return a finished run of ``request``, whose sources have full references, and whether it was there already.

    One that was interrupted, or failed, is gone on with.  Raises InTraining where another process still trains it after
    ``patience`` seconds, and what the training raises.
    """
    with request_locked(session, request, patience):
        run = earlier(request)
        if run is None:
            return train(session, request), False
        await_end(run, patience)
        if run.finished:
            return run, True
        if run.status == RUNNING:
            raise InTraining(f"run '{run.id}' is being trained for it by {run.record.process}.")
        return resume(session, run), False


def await_end(run: RunFolder, patience: float) -> None:
    """Wait until nobody trains a run, at most ``patience`` seconds.

    Of a process whose machine was lost that is known when it has given no sign of life for the time of its lease.
    """
    until = time.monotonic() + patience
    while run.status == RUNNING and time.monotonic() < until:
        time.sleep(POLL)


@contextmanager
def request_locked(session: Session, request: TrainRequest, patience: float = 0) -> Iterator[None]:
    """Be the only one that trains ``request`` in this runs folder, in a ``with`` block.

    Raises InTraining where another process still does after ``patience`` seconds.
    """
    root = session.runs.root
    root.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(request.text.encode()).hexdigest()
    refusal = InTraining("another process trains it for the same command.")
    with lock_held(root / f".fold-{digest[:16]}.lock", refusal, patience):
        yield


class EarlierRuns:
    """Finds the runs that were asked for in the same way, by the same versions, on the same data."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.data_hashes: dict[str, str] | None = None

    def __call__(self, request: TrainRequest) -> RunFolder | None:
        """Return the latest such run that is not running, else one that is."""
        asked = request_values(request)
        runs = [run for run in reversed(self.session.runs.all()) if values_of(self.session, run) == asked]
        runs = [run for run in runs if self._has_same_data(run, request)]
        return next((run for run in runs if run.status != RUNNING), runs[0] if runs else None)

    def _has_same_data(self, run: RunFolder, request: TrainRequest) -> bool:
        if self.data_hashes is None:
            prepared = prepare(self.session, request)
            self.data_hashes = {name: data_hash(self.session, prepared, name) for name in prepared.records}
        return run.record.data == self.data_hashes and not other_versions(run, backend.versions())


def data_hash(session: Session, prepared: Prepared, dataset: str) -> str:
    """Return the fingerprint of a dataset of a training, as its run's record has it; what is new of it is decoded.

    Raises DermError where too little of it can be decoded.
    """
    cache, preprocessing = session.settings.cache_folder, prepared.plan.preprocessing
    ingested = ingest(prepared.records[dataset], preprocessing, cache, prepared.vectors)
    return ingested.fingerprint(answers_of(prepared.plan, dataset))


def other_versions(run: RunFolder, versions: Mapping[str, str]) -> list[str]:
    """Return in words which packages a run was trained by in other versions than ``versions``."""
    before = run.record.environment
    return [
        f"{package} {before.get(package, 'unknown')} in place of {version}"
        for package, version in versions.items()
        if before.get(package) != version
    ]


def answers_of(plan: Plan, dataset: str) -> tuple[str, ...]:
    """Return which answers of a dataset a training takes: they are part of its data."""
    return plan.metadata if dataset == plan.target else ()


def values_of(session: Session, run: RunFolder) -> dict[str, Any] | None:
    """Return the request of a run as JSON values, None where its record cannot be read."""
    try:
        return stored_request(session, run)
    except DermError:
        return None


def request_values(request: TrainRequest) -> dict[str, Any]:
    """Return a request as JSON values, as a run's record has it."""
    values: dict[str, Any] = json.loads(json.dumps(request.to_json()))
    return values
