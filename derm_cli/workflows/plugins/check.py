"""The kit for plugins' authors, asked about an installed plugin: ``derm plugins check``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derm_cli.data.locating import locate
from derm_cli.data.preprocessing import read_photograph
from derm_cli.plugin import DatasetSpec
from derm_cli.plugin.testing import plugin_checks
from derm_cli.quiet import quietly
from derm_cli.workflows.session import Session


@dataclass(frozen=True)
class PluginCheckResult:
    """What came of one check: of what it is, what was held to its contract, the fault, and what was not looked at.

    ``fault`` and ``note`` are '' where there is none.
    """

    subject: str
    check: str
    fault: str
    note: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def check_plugin(session: Session, name: str, commands: Collection[str] = ()) -> Iterator[PluginCheckResult]:
    """Yield the result of each check of the plugin ``name``, as it is known; ``commands`` are those that derm has.

    Datasets are read where they lie on this machine.  Raises RequestError where there is no such plugin.
    """

    def folder_of(spec: DatasetSpec) -> Path | None:
        # A layout without a folder of its own has none.
        located = None if spec.reader else locate(spec.name, session.settings, session.registry)
        return located.root if located and located.exists else None

    for each in plugin_checks(session.registry, name, folder_of, commands, read_photograph):
        with quietly():
            outcome = each.outcome()
        yield PluginCheckResult(each.subject, each.title, outcome.fault, outcome.note)
