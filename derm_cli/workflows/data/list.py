"""The datasets that a chain can name: ``derm data list``."""

from __future__ import annotations

from derm_cli.config import NoCacheError
from derm_cli.console import warn
from derm_cli.data.locating import LocatedDataset, known_dataset_names, locate
from derm_cli.workflows.session import Session


def list_datasets(session: Session) -> list[LocatedDataset]:
    """Return every dataset that a chain can name, with the place where derm looks for it.

    Where there is no cache, those that would be drawn into it are left out, with a warning.
    """
    located, left_out = [], []
    for name in known_dataset_names(session.settings, session.registry):
        try:
            located.append(locate(name, session.settings, session.registry))
        except NoCacheError as error:
            left_out.append(name)
            reason = error
    if left_out:
        warn(f"{', '.join(left_out)} cannot be drawn. {reason}")
    return located
