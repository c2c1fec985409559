"""Settings: command line over environment over derm.toml over default, and which of them won."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derm_cli.errors import DermError, did_you_mean

FILE = "derm.toml"
COMMAND_LINE = "command line"
DEFAULT = "default"
PLACES = {"data": "data", "runs": "runs", "cache": ""}
PLUGIN_LISTS = ("plugins", "disabled_plugins")
DATASET_KEYS = ("path", "reader", "leave_out")


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
    plugins: Setting
    disabled_plugins: Setting
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    file: Path | None = None

    @property
    def cache_folder(self) -> Path:
        """The folder of decoded photographs; by default the user's cache folder of this system."""
        if self.cache.value is None:
            from platformdirs import user_cache_path

            return user_cache_path("derm")
        return Path(self.cache.value)

    def named(self) -> dict[str, Setting]:
        """Return the settings by name."""
        found = {name: getattr(self, name) for name in (*PLACES, *PLUGIN_LISTS)}
        return {**found, "cache": Setting(self.cache_folder, self.cache.source)}


def load(overrides: Mapping[str, str | None], environment: Mapping[str, str] | None = None) -> Settings:
    """Read derm.toml in the working folder (or the file that ``DERM_CONFIG`` names) and settle every setting.

    ``overrides`` are the command line's, by setting.  Raises DermError for a file that cannot be read, is not TOML, or
    has a table or key that derm does not know.
    """
    variables = os.environ if environment is None else environment
    path, content = _read(variables)
    folder = path.parent if path else Path()
    options = {name: dict(table) for name, table in content.items() if name not in {*PLACES, *PLUGIN_LISTS, "datasets"}}

    def settle(name: str) -> Setting:
        if overrides.get(name):
            return Setting(overrides[name], COMMAND_LINE)
        variable = f"DERM_{name.upper()}"
        if variables.get(variable):
            return Setting(variables[variable], f"environment {variable}")
        if name in content:
            value = content[name]
            return Setting(folder / value if name in PLACES else value, FILE)
        return Setting(PLACES.get(name), DEFAULT)

    def place(name: str) -> Setting:
        found = settle(name)
        return Setting(Path(found.value).expanduser() if found.value else None, found.source)

    def names(name: str) -> Setting:
        found = settle(name)
        value = found.value.split(",") if isinstance(found.value, str) else found.value
        return Setting(None if value is None else tuple(part.strip() for part in value if part.strip()), found.source)

    return Settings(
        data=place("data"),
        runs=place("runs"),
        cache=place("cache"),
        plugins=names("plugins"),
        disabled_plugins=names("disabled_plugins"),
        datasets={name: _dataset(name, table, folder) for name, table in content.get("datasets", {}).items()},
        options=options,
        file=path,
    )


def _read(variables: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    named = variables.get("DERM_CONFIG")
    path = Path(named) if named else Path(FILE)
    if not named and not path.exists():
        return None, {}
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DermError(
            f"The settings file '{path}' cannot be read ({error.strerror}): mend it or unset DERM_CONFIG."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DermError(f"The settings file '{path}' is not valid TOML ({error}): mend that place.") from error
    return path, _checked(path, content)


def _checked(path: Path, content: dict[str, Any]) -> dict[str, Any]:
    """Move a top-level ``target`` to where train's defaults are, and refuse what has a wrong form."""
    if "target" in content:
        content.setdefault("train", {}).setdefault("target", content.pop("target"))
    for name, value in content.items():
        if name in PLACES and not isinstance(value, str):
            raise DermError(f"'{path}': '{name}' is {value!r}, but must be a folder in quotes.")
        if name in PLUGIN_LISTS and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
            raise DermError(f"'{path}': '{name}' is {value!r}, but must be a list of names in quotes.")
        if name not in {*PLACES, *PLUGIN_LISTS} and not isinstance(value, dict):
            known = [*PLACES, *PLUGIN_LISTS, "target", "datasets"]
            raise DermError(f"'{path}': there is no setting '{name}'.{did_you_mean(name, known)}")
    return content


def _dataset(name: str, table: Any, folder: Path) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise DermError(f"{FILE}: 'datasets.{name}' is {table!r}, but must be a table: [datasets.{name}] path = \"…\".")
    for key in table:
        if key not in DATASET_KEYS:
            raise DermError(f"{FILE}: there is no key '{key}' in [datasets.{name}].{did_you_mean(key, DATASET_KEYS)}")
    return {**table, "path": folder / Path(table["path"]).expanduser()} if "path" in table else dict(table)
