"""The run in whose folder a file lies, as the run's own record says; what a folder is called tells nothing."""

from __future__ import annotations

from pathlib import Path

from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.layout import RECORD

_DEEPEST = 2
"""A run's artefacts lie in a folder of its folder."""


def home_of(path: Path) -> RunFolder | None:
    """Return the run that sealed the file ``path`` in its folder, None where none did.

    A ``run.json`` of another program is none of a run's.  Raises DermError where the file was changed since.
    """
    path = path.resolve()
    for folder in path.parents[:_DEEPEST]:
        if not (folder / RECORD).is_file():
            continue
        run, name = RunFolder(folder), path.relative_to(folder).as_posix()
        try:
            is_sealed = run.has_sealed(name)
        except DermError:
            continue
        if is_sealed:
            run.sealed(name)
            return run
    return None
