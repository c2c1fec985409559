"""The run that a chain begins with: found as it was typed, and kept by its full id, so that it is found again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from derm_cli.chain_names import RUN_PREFIX
from derm_cli.errors import DermError, RequestError
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import Runs
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest


def with_full_reference(session: Session, request: TrainRequest) -> TrainRequest:
    """Return ``request`` with the full ids of the run whose weights it begins with, and of its teacher, if any.

    What was typed may be the beginning of an id, which later begins other ids too, or a path from the working folder.
    Of a run outside the runs folder it is the whole path.  Raises RequestError where there is no such run.
    """
    if request.teacher is not None:
        request = replace(request, teacher=session.runs.reference(session.runs.find(request.teacher)))
    source = request.weights
    if source is None or not source.startswith(RUN_PREFIX):
        return request
    reference = session.runs.reference(session.runs.find(source.removeprefix(RUN_PREFIX)))
    return replace(request, chain=(RUN_PREFIX + reference, *request.chain[1:]))


def stored_request(session: Session, run: RunFolder) -> dict[str, Any]:
    """Return the request of ``run`` as JSON values, with the full id of the run whose weights it began with.

    Runs of an earlier derm have stored what was typed, which stays where there is no such run any more.  Raises
    DermError where the record cannot be read.
    """
    request = run.record.request
    source = next(iter(request.get("chain") or ()), None)
    if not (isinstance(source, str) and source.startswith(RUN_PREFIX)):
        return request
    try:
        reference = session.runs.reference(run_of_source(session, source, run))
    except DermError:
        return request
    return request | {"chain": [RUN_PREFIX + reference, *request["chain"][1:]]}


def run_of_source(session: Session, source: str, successor: RunFolder | None = None) -> RunFolder:
    """Return the run that the weight source ``source``, ``run:…``, names.

    ``successor`` is the run that began with it, where that is resumed or repeated.  It is then looked for beside that
    run first, among the runs that were there already: runs of an earlier derm have what was typed.  Raises RequestError
    where there is none.
    """
    name = source.removeprefix(RUN_PREFIX)
    if successor is not None:
        try:
            return Runs(successor.path.resolve().parent).find(name, before=successor.path.resolve().name)
        except RequestError:
            pass
    return session.runs.find(name)
