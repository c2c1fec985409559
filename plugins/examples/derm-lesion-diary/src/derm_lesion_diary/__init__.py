"""Lesion diaries as a dataset for derm.

This module is what the entry point names, so derm imports it at every start: it imports nothing heavy, and the rest
of the package only when derm asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import DatasetSpec


@hookimpl
def derm_datasets() -> list[DatasetSpec]:
    """Return the one dataset that this plugin adds."""
    from derm_lesion_diary.dataset import SPEC

    return [SPEC]


@hookimpl
def derm_run_finished(evaluation: dict[str, Any]) -> None:
    """Tell of melanomas that a finished run missed.  A hook may leave out the arguments that it has no use for."""
    from derm_lesion_diary.watching import tell_of_missed_melanomas

    tell_of_missed_melanomas(evaluation)
