"""Settings: command line over environment over derm.toml over default, and which of them won."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derm_cli.chain_names import dataset_name_fault
from derm_cli.errors import DermError, did_you_mean

FILE = "derm.toml"
FOLDERS = "folders.json"
"""The file of a runs folder that has the folders of its datasets, by name (:mod:`derm_cli.data.named_folders`)."""
COMMAND_LINE = "command line"
DEFAULT = "default"
DEFAULT_FOLDERS = {"data": "data", "runs": "runs", "cache": ""}
CACHE_LIMIT = "cache_limit"
PLUGIN_LISTS = ("plugins", "disabled_plugins")
SETTINGS = (*DEFAULT_FOLDERS, CACHE_LIMIT, *PLUGIN_LISTS)
DEFAULTS = {**DEFAULT_FOLDERS, CACHE_LIMIT: "20 GB"}
DATASET_KEYS = ("path", "reader", "leave_out")
BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


class NoCacheError(DermError):
    """There is no folder for the cache: none was named, and the user has no home folder."""


@dataclass(frozen=True)
class Setting:
    """A value and where it came from."""

    value: Any
    source: str


@dataclass(frozen=True)
class Settings:
    """Everything that the surroundings of a command decide.

    ``datasets`` are the tables ``[datasets.NAME]``; ``options`` the tables of defaults for commands, by command.
    """

    data: Setting
    runs: Setting
    cache: Setting
    cache_limit: Setting
    plugins: Setting
    disabled_plugins: Setting
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    file: Path | None = None

    @property
    def cache_folder(self) -> Path:
        """The folder of decoded photographs; by default the user's cache folder of this system.

        Raises NoCacheError where there is none: a service, or a user without a name, may have no home folder.
        """
        folder = self.known_cache_folder
        if folder is None:
            raise NoCacheError(
                "The user that derm runs as has no home folder, and so none for the cache of decoded photographs: name "
                "one with --cache DIR or DERM_CACHE."
            )
        return folder

    @property
    def known_cache_folder(self) -> Path | None:
        """The same for those who only look into it; None where there is none."""
        if self.cache.value is not None:
            return Path(self.cache.value)
        from platformdirs import user_cache_path

        try:
            folder = user_cache_path("derm")
        except RuntimeError:
            return None
        # Some versions leave the '~' of a home folder that they do not know.
        return folder if folder.is_absolute() else None

    @property
    def cache_limit_bytes(self) -> int:
        """Bytes that stored stages may take in the cache, and features as many."""
        return size_in_bytes(self.cache_limit.value)

    def named(self) -> dict[str, Setting]:
        """Return the settings by name."""
        settings = {name: getattr(self, name) for name in SETTINGS}
        return {**settings, "cache": Setting(self.known_cache_folder, self.cache.source)}


def load(
    overrides: Mapping[str, str | None],
    environment: Mapping[str, str] | None = None,
    content: Mapping[str, Any] | None = None,
) -> Settings:
    """Read derm.toml in the working folder (or the file that ``DERM_CONFIG`` names) and settle every setting.

    ``overrides`` are the command line's, by setting; ``content``, where it is given, is taken in the place of the
    file's, and no file is read.  Raises DermError for a file that cannot be read, is not TOML, or has a table or key
    that derm does not know.
    """
    variables = os.environ if environment is None else environment
    path, content = _read(variables) if content is None else (None, _checked(Path("settings"), dict(content)))
    folder = path.parent if path else Path()
    options = {name: dict(table) for name, table in content.items() if name not in {*SETTINGS, "datasets"}}

    def setting_of(name: str) -> Setting:
        if overrides.get(name):
            return Setting(overrides[name], COMMAND_LINE)
        variable = f"DERM_{name.upper()}"
        if variables.get(variable):
            return Setting(variables[variable], f"environment {variable}")
        if name in content:
            value = content[name]
            return Setting(folder / value if name in DEFAULT_FOLDERS else value, FILE)
        return Setting(DEFAULTS.get(name), DEFAULT)

    def folder_setting(name: str) -> Setting:
        setting = setting_of(name)
        return Setting(expanded(setting.value) if setting.value else None, setting.source)

    def size_setting(name: str) -> Setting:
        setting = setting_of(name)
        try:
            size_in_bytes(str(setting.value))
        except ValueError as error:
            raise DermError(f"The setting '{name}' ({setting.source}) is {error}.") from None
        return Setting(str(setting.value), setting.source)

    def names_setting(name: str) -> Setting:
        setting = setting_of(name)
        value = setting.value.split(",") if isinstance(setting.value, str) else setting.value
        return Setting(None if value is None else tuple(part.strip() for part in value if part.strip()), setting.source)

    return Settings(
        data=folder_setting("data"),
        runs=folder_setting("runs"),
        cache=folder_setting("cache"),
        cache_limit=size_setting(CACHE_LIMIT),
        plugins=names_setting("plugins"),
        disabled_plugins=names_setting("disabled_plugins"),
        datasets={name: _dataset(name, table, folder) for name, table in content.get("datasets", {}).items()},
        options=options,
        file=path,
    )


def expanded(path: str | Path) -> Path:
    """Return ``path`` with its ``~`` replaced.  Raises DermError where that home folder is not known."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise DermError(
            f"'{path}' begins with a home folder that this system does not know: write the whole path."
        ) from None


def size_in_bytes(text: str) -> int:
    """Return the bytes of a size such as '500 MB', '1.5 GiB' or '0'.  Raises ValueError, whose text says the form."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) *([a-z]+)", text.strip(), re.ASCII | re.IGNORECASE)
    unit = BYTES.get(match[2].upper()) if match else None
    if match and unit:
        return round(float(match[1]) * unit)
    if text.strip() == "0":
        return 0
    raise ValueError(f"'{text}', but must be a size with its unit, such as '500 MB', '20 GB' or '1.5 GiB', or '0'")


def _read(variables: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    configured = variables.get("DERM_CONFIG")
    path = Path(configured) if configured else Path(FILE)
    if not configured and not path.exists():
        return None, {}
    from derm_cli.settings_file import read_settings_file

    return path, _checked(path, read_settings_file(path))


def _checked(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Move a top-level ``target`` to where train's defaults are, and refuse what has a wrong form."""
    if "target" in content and isinstance(content.setdefault("train", {}), dict):
        content["train"].setdefault("target", content.pop("target"))
    for name, value in content.items():
        if name in DEFAULT_FOLDERS and not (isinstance(value, str) and value.strip()):
            raise DermError(f"'{path}': '{name}' is {value!r}, but must be a folder in quotes.")
        if name in PLUGIN_LISTS and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
            raise DermError(f"'{path}': '{name}' is {value!r}, but must be a list of names in quotes.")
        if name == "datasets" and not isinstance(value, dict):
            raise DermError(f"'{path}': 'datasets' is {value!r}, but must be tables: [datasets.NAME] path = \"…\".")
        if name not in SETTINGS and not isinstance(value, dict):
            known_names = [*SETTINGS, "target", "datasets"]
            raise DermError(f"'{path}': there is no setting '{name}'.{did_you_mean(name, known_names)}")
    return content


def _dataset(name: str, table: Any, folder: Path) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise DermError(f"{FILE}: 'datasets.{name}' is {table!r}, but must be a table: [datasets.{name}] path = \"…\".")
    fault = dataset_name_fault(name)
    if fault:
        raise DermError(f"{FILE}: the name '{name}' of a dataset {fault}: give it another in [datasets.NAME].")
    for key in table:
        if key not in DATASET_KEYS:
            raise DermError(f"{FILE}: there is no key '{key}' in [datasets.{name}].{did_you_mean(key, DATASET_KEYS)}")
        if key != "leave_out" and not (isinstance(table[key], str) and table[key].strip()):
            raise DermError(f"{FILE}: '{key}' in [datasets.{name}] is {table[key]!r}, but must be text in quotes.")
    left_out = table.get("leave_out", [])
    if not (isinstance(left_out, list) and all(isinstance(each, str) for each in left_out)):
        raise DermError(f"{FILE}: 'leave_out' in [datasets.{name}] is {left_out!r}, but must be a list of classes.")
    return {**table, "path": folder / expanded(table["path"])} if "path" in table else dict(table)
