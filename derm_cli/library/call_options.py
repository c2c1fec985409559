"""What every call may be told beside the options of its command: folders, settings, and who hears of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypedDict

from derm_cli import config
from derm_cli.errors import RequestError
from derm_cli.library.progress_reports import ProgressReport

FilePath = str | PathLike[str]
"""A file or a folder."""
FOLDERS = {"data_folder": "data", "runs_folder": "runs", "cache_folder": "cache"}
"""The arguments that are folders, and the setting of each."""


class CallOptions(TypedDict, total=False):
    """What every call takes.

    ``data_folder``, ``runs_folder`` and ``cache_folder`` are ``--data``, ``--runs`` and ``--cache`` of the command
    line.  ``settings`` is a file such as derm.toml, or its contents as a mapping, ``{}`` for none; without it derm.toml
    of the working folder is read, as the command does.  ``progress`` is called with each
    :class:`~derm_cli.library.progress_reports.ProgressReport`, or is "terminal" for bars on standard error.
    ``on_warning`` is called with each warning's sentence; without it they are Python's warnings, of the category
    :class:`~derm_cli.library.telling.DermWarning`.
    """

    data_folder: FilePath | None
    runs_folder: FilePath | None
    cache_folder: FilePath | None
    settings: FilePath | Mapping[str, Any] | None
    progress: Callable[[ProgressReport], object] | Literal["terminal"] | None
    on_warning: Callable[[str], object] | None


@dataclass(frozen=True)
class Surroundings:
    """The folders of a call by setting, and its settings: a file's path, or what stands in the place of one."""

    folders: dict[str, str | None]
    settings: str | dict[str, Any] | None = None

    @classmethod
    def taken_from(cls, options: dict[str, Any], before: Surroundings | None = None) -> Surroundings:
        """Take from ``options`` what tells of surroundings; what is not given there is as ``before``."""
        earlier = before or cls({})
        folders = dict(earlier.folders)
        for argument, setting in FOLDERS.items():
            given = options.pop(argument, None)
            if given is not None:
                folders[setting] = str(Path(given).expanduser().absolute())
        settings = options.pop("settings", None)
        if settings is None:
            return cls(folders, earlier.settings)
        if isinstance(settings, Mapping):
            return cls(folders, dict(settings))
        if not isinstance(settings, str | PathLike):
            raise RequestError(f"'settings' is {settings!r}, but must be a file's path, or a mapping as derm.toml has.")
        return cls(folders, str(Path(settings).expanduser().absolute()))

    @property
    def file(self) -> str | None:
        """The settings' file, None where none was named."""
        return self.settings if isinstance(self.settings, str) else None

    def load(self) -> config.Settings:
        """Return all settings.  Raises DermError as :func:`derm_cli.config.load` does."""
        if isinstance(self.settings, str):
            return config.load(self.folders, {**os.environ, "DERM_CONFIG": self.settings})
        return config.load(self.folders, content=self.settings)
