"""Locating a dataset: its folder, and the plugin that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from derm_cli.config import Settings
from derm_cli.errors import RequestError
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
    section = settings.datasets.get(name, {})
    if "reader" in section:
        spec = registry.get(DatasetSpec, section["reader"])
    elif name in registry.all(DatasetSpec) or not (settings.data.value / name).is_dir():
        spec = registry.get(DatasetSpec, name)
    else:
        raise RequestError(
            f"The folder '{settings.data.value / name}' is there, but no plugin reads a dataset '{name}': "
            f'say how in derm.toml, as in [datasets.{name}] reader = "folder".'
        )
    root = section.get("path") or settings.data.value / name
    if spec.made and "path" not in section and not root.exists():
        root = settings.cache_folder / "made" / name
    return LocatedDataset(name, spec, Path(root), tuple(section.get("leave_out", ())))


def known_dataset_names(settings: Settings, registry: Registry) -> list[str]:
    """Return the names of the datasets that a chain can have: the plugins' and those of derm.toml."""
    names = {name for name, spec in registry.all(DatasetSpec).items() if not spec.reader}
    return sorted(names | set(settings.datasets))
