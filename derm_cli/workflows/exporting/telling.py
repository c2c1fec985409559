"""Telling plugins of what was exported, once it is whole, checked and noted."""

from __future__ import annotations

from pathlib import Path

from derm_cli.plugin import ArtefactFacts
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.run_facts import facts_of_run
from derm_cli.workflows.session import Session


def tell_exported(session: Session, run: RunFolder, exporter: str, path: Path, facts: ArtefactFacts) -> None:
    """Tell plugins of an artefact or a bundle of ``run`` at ``path``, and of the facts inside."""
    session.registry.tell("derm_exported", run=facts_of_run(run), exporter=exporter, path=path, facts=facts)
