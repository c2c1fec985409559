"""What every workflow works with: the settings, the plugins, the runs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from derm_cli.config import Settings
from derm_cli.plugin.project import project_plugin
from derm_cli.plugin.registry import Registry

if TYPE_CHECKING:
    from derm_cli.runs.runs import Runs


class Session:
    """The surroundings of one command; plugins are loaded when they are first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def registry(self) -> Registry:
        """The plugins of environment and project, as ``DERM_PLUGINS`` and ``DERM_DISABLED_PLUGINS`` allow."""
        only, disabled = self.settings.plugins.value, self.settings.disabled_plugins.value or ()
        return Registry(only, disabled, project_plugin(self.settings.file))

    @property
    def runs(self) -> Runs:
        """The runs of the runs folder."""
        from derm_cli.runs.runs import Runs

        return Runs(self.settings.runs.value)
