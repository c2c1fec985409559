"""Locating a dataset: its folder, and the plugin that reads it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from derm_cli.chain_names import dataset_name_fault
from derm_cli.config import FILE, Settings
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plugin import DatasetSpec
from derm_cli.plugin.registry import Registry


@dataclass(frozen=True)
class LocatedDataset:
    """A dataset of this machine: the name that the user gives it, its plugin's spec, and its folder ``root``.

    Photographs of the classes in ``leave_out`` are dropped.
    """

    name: str
    spec: DatasetSpec
    root: Path
    leave_out: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether the folder is there."""
        return self.root.exists()


def locate(name: str, settings: Settings, registry: Registry) -> LocatedDataset:
    """Find dataset ``name``: ``[datasets.NAME]`` of derm.toml, else the folder NAME of the data folder.

    A synthetic dataset without a folder of its own lies in the cache.  Raises RequestError for an unknown name or
    reader.
    """
    section, specs = settings.datasets.get(name, {}), registry.all(DatasetSpec)
    folder = settings.data.value / name
    if "reader" in section:
        if section["reader"] not in specs:
            raise RequestError(
                f"{FILE}: 'reader' in [datasets.{_key(name)}] is '{section['reader']}', but no plugin reads such "
                f"datasets.{did_you_mean(section['reader'], specs)}"
            )
        spec = registry.get(DatasetSpec, section["reader"])
    elif section and name not in specs:
        raise RequestError(
            f"{FILE}: no plugin reads a dataset '{name}': say how, with these lines in place of its own:\n"
            f"{settings_lines(name, section.get('path') or folder)}"
        )
    elif name in specs or not (name and folder.is_dir()):
        spec = registry.get(DatasetSpec, name, [*settings.datasets, *_subfolders(settings.data.value)])
    elif fault := dataset_name_fault(name):
        raise RequestError(f"The folder '{folder}' is there, but its name {fault}: rename it.")
    else:
        raise RequestError(
            f"The folder '{folder}' is there, but no plugin reads a dataset '{name}': name it by its path, "
            f"'{_as_path(folder)}', or say how in {FILE}:\n{settings_lines(name, folder)}"
        )
    root = section.get("path") or settings.data.value / name
    if spec.synthetic and "path" not in section and not root.exists():
        root = settings.cache_folder / "made" / name
    return LocatedDataset(name, spec, Path(root), tuple(section.get("leave_out", ())))


def known_dataset_names(settings: Settings, registry: Registry) -> list[str]:
    """Return the names of the datasets that a chain can have: the plugins' and those of derm.toml."""
    names = {name for name, spec in registry.all(DatasetSpec).items() if not spec.reader}
    return sorted(names | set(settings.datasets))


def _subfolders(folder: Path) -> list[str]:
    """Return the names of what may be datasets of the data folder."""
    try:
        return [each.name for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")]
    except OSError:
        return []


def settings_lines(name: str, path: str | Path, reader: str = "folder") -> str:
    """Return the lines by which derm.toml knows a dataset, as they can be pasted there: indented, as in an error."""
    values = {"path": str(path), "reader": reader}
    lines = [f"[datasets.{_key(name)}]", *(f"{key} = {_quoted(value)}" for key, value in values.items())]
    return "\n".join(f"    {line}" for line in lines)


def _quoted(text: str) -> str:
    """Return a text as TOML has it: as JSON, but for what TOML escapes otherwise."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _as_path(folder: Path) -> str:
    """Return a folder so that no name of a dataset looks like it: with a slash."""
    return str(folder) if "/" in str(folder) else f"./{folder}"


def _key(name: str) -> str:
    """Return a name as TOML has it in the head of a table."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)
