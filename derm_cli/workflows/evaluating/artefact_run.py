"""The run that an artefact or a bundle is judged by: that in whose folder it lies, that which is named, or its own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from derm_cli.errors import DermError, RequestError
from derm_cli.files import content_hash
from derm_cli.plugin import ArtefactFacts
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.home import home_of
from derm_cli.runs.layout import RECORD
from derm_cli.workflows.session import Session


def run_of_artefact(session: Session, path: Path, facts: ArtefactFacts, named: str | None = None) -> RunFolder:
    """Return the run of the artefact ``path`` whose ``facts`` are given; ``named`` is what a user says that it is.

    Without that it is the run that sealed the file in its folder, whatever the folder is called; else the run of the
    facts' id; else a run whose folder was renamed, known by the artefact's SHA-256 or by the id under which it
    trained its last stage.  Raises RequestError where there is none, and where the one that is named has other
    classes or another preprocessing.
    """
    home = home_of(path)
    if named is None and home is not None:
        return home
    if named is None:
        return _found(session, path, facts)
    run = session.runs.find(named)
    if _names(run) != [each.name for each in facts.classes] or run.plan.preprocessing != facts.preprocessing:
        raise RequestError(
            f"'{path}' is of run '{facts.run}', and --run '{named}' has other classes or another preprocessing: name "
            "the run that it was exported from."
        )
    return run


def _found(session: Session, path: Path, facts: ArtefactFacts) -> RunFolder:
    runs = session.runs.all()
    for run in runs:
        if run.id == facts.run:
            return run
    # A bundle lies in its run's folder, or in the run's folder of artefacts.
    around = [RunFolder(folder) for folder in path.resolve().parents[:2] if (folder / RECORD).is_file()]
    content = content_hash(path) if path.exists() else None
    for run in (*around, *runs):
        with suppress(DermError):
            if content in run.record.files.values() or (_of_id(run) == facts.run):
                return run
    raise RequestError(
        f"'{path}' is of run '{facts.run}', which is not in '{session.runs.root}': name the run with --run RUN, or its "
        "folder with --runs DIR."
    )


def _names(run: RunFolder) -> list[str]:
    return [each.name for each in run.plan.classes]


def _of_id(run: RunFolder) -> str | None:
    """Return the id that a run had when it was trained, where its stages tell of it."""
    own = [each.run for each in run.record.stages if not each.is_from_store]
    return own[-1] if own else None
