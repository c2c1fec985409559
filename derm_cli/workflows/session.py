"""What every workflow works with: the settings, the plugins, the runs."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derm_cli.config import FOLDERS, Settings
from derm_cli.plugin.project import project_plugin
from derm_cli.plugin.registry import Registry

if TYPE_CHECKING:
    from derm_cli.plugin import StudyFacts
    from derm_cli.runs.runs import Runs


class Session:
    """The surroundings of one command; plugins are loaded when they are first asked for.

    ``study`` and ``row`` are those that it trains for, as hooks are told.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        runs = settings.runs.value
        if (runs / FOLDERS).is_file():
            from derm_cli.data.named_folders import remembered_folders, with_folders

            self.settings = with_folders(settings, remembered_folders(runs))
        self._folders: dict[str, dict[str, Any]] = {}
        self.study: StudyFacts | None = None
        self.row = ""

    def dataset_named(self, text: str) -> str:
        """Return the name of the dataset that ``text`` names: itself, or that of the folder whose path it is.

        Such a folder is a dataset of this session from then on.  Raises RequestError where it cannot be one.
        """
        from derm_cli.data.named_folders import is_folder_path, section_of_folder

        if not is_folder_path(text):
            return text
        name, section = section_of_folder(text, self.settings, self.registry)
        if self.settings.datasets.get(name) != section:
            self._folders[name] = section
            self.settings = replace(self.settings, datasets={**self.settings.datasets, name: section})
        return name

    def remember_folders(self) -> None:
        """Keep the folders that were named by their paths beside the runs, so that later commands know them too."""
        from derm_cli.data.named_folders import remember_folders

        remember_folders(self.settings.runs.value, self._folders)

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
