"""Empty, documented layouts for photographs of one's own: ``derm data template``."""

from __future__ import annotations

from pathlib import Path

from derm_cli.data.locating import locate
from derm_cli.errors import DermError, RequestError
from derm_cli.plugin import DatasetSpec
from derm_cli.workflows.session import Session


def write_template(session: Session, name: str, folder: Path) -> list[str]:
    """Write the empty layout of dataset ``name`` into ``folder``, made if it is not there.

    Return what was written, as paths relative to ``folder``; those of folders end with a slash.  Raises RequestError
    where the dataset is not known or has no template, and DermError where the folder has anything in it or cannot be
    written.
    """
    spec = locate(name, session.settings, session.registry).spec
    if spec.template is None:
        with_template = sorted(each.name for each in session.registry.all(DatasetSpec).values() if each.template)
        others = f"those that have one: {', '.join(with_template)}" if with_template else "no plugin adds one that has"
        raise RequestError(f"Dataset '{name}' has no template ({others}).")
    try:
        entry = min((each.name for each in folder.iterdir()), default=None) if folder.exists() else None
        if entry is not None:
            raise DermError(f"The folder '{folder}' is not empty ('{entry}' is in it): name a new one.")
        spec.template(folder)
        written = sorted(folder.rglob("*"))
    except OSError as error:
        raise DermError(
            f"The folder '{error.filename or folder}' cannot be written ({error.strerror}): name another one."
        ) from error
    return [each.relative_to(folder).as_posix() + ("/" if each.is_dir() else "") for each in written]
