"""The datasets that a chain can name: ``derm data list``."""

from __future__ import annotations

from derm_cli.data.locating import LocatedDataset, known_dataset_names, locate
from derm_cli.workflows.session import Session


def list_datasets(session: Session) -> list[LocatedDataset]:
    """Return every dataset that a chain can name, with the place where derm looks for it."""
    names = known_dataset_names(session.settings, session.registry)
    return [locate(name, session.settings, session.registry) for name in names]
