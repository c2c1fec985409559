"""Chooses the run that other commands take by default: ``derm runs choose``."""

from __future__ import annotations

from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.run_facts import facts_of_run
from derm_cli.workflows.session import Session


def choose(session: Session, name: str) -> RunFolder:
    """Make the run ``name`` the chosen one, tell plugins of it, and return it.

    Raises RequestError where there is no such run, DermError where it is not finished or in another runs folder.
    """
    run = session.runs.find(name)
    session.runs.choose(run)
    session.registry.tell("derm_run_chosen", run=facts_of_run(run))
    return run
