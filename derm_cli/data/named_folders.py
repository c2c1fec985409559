"""Folders that are named by their path where a dataset can be named, and remembered beside the runs that use them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from derm_cli.chain_names import RUN_PREFIX, dataset_name_fault
from derm_cli.config import FILE, FOLDERS, Settings, expanded
from derm_cli.data.locating import settings_lines
from derm_cli.errors import RequestError
from derm_cli.files import write_text
from derm_cli.plugin import DatasetSpec
from derm_cli.plugin.registry import Registry

FOLDER_READER, TABLE_READER, TABLE = "folder", "csv", "records.csv"
"""How a folder of no publisher's dataset is read: by its sub-folders, or by a table where it has one."""


def is_folder_path(text: str) -> bool:
    """Tell whether ``text`` names a folder, and no dataset or run: it has a slash, is . or .., or begins with ~."""
    if text.startswith(RUN_PREFIX):
        return False
    return text in (os.curdir, os.pardir) or os.sep in text or text.startswith("~")


def section_of_folder(text: str, settings: Settings, registry: Registry) -> tuple[str, dict[str, Any]]:
    """Return the name of the dataset that lies in the folder ``text``, and its section as derm.toml would have it.

    The name is the folder's own.  Raises RequestError where there is no such folder, where no chain can have its name,
    and where another folder has that name already.
    """
    path = expanded(text)
    if not path.is_dir():
        raise RequestError(f"There is no folder '{text}': name one with a sub-folder of photographs for each class.")
    path = path.resolve()
    name = path.name
    if fault := dataset_name_fault(name):
        raise RequestError(f"The folder '{text}' would be dataset '{name}', but that name {fault}: rename the folder.")
    known, specs = settings.datasets.get(name, {}), registry.all(DatasetSpec)
    reader = name if name in specs and not specs[name].reader else FOLDER_READER
    reader = TABLE_READER if reader == FOLDER_READER and (path / TABLE).is_file() else reader
    there = Path(known.get("path", settings.data.value / name))
    if there.resolve() != path and ("path" in known or there.is_dir()):
        raise RequestError(
            f"'{name}' is the dataset in '{there}' already: give the folder '{text}' another name in {FILE}, as in:"
            f"\n{settings_lines(f'{name}-2', path, reader)}"
        )
    return name, {**known, "path": path, "reader": known.get("reader", reader)}


def with_folders(settings: Settings, folders: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Return settings that know more datasets; what they say of one of their names already wins."""
    return replace(settings, datasets={**{name: dict(each) for name, each in folders.items()}, **settings.datasets})


def remembered_folders(runs: Path) -> dict[str, dict[str, Any]]:
    """Return the sections of the folders that runs of this folder were trained on; nothing of what cannot be read."""
    try:
        stored = json.loads((runs / FOLDERS).read_text(encoding="utf-8"))
        return {str(name): {"path": Path(each["path"]), "reader": str(each["reader"])} for name, each in stored.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def remember_folders(runs: Path, folders: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep the sections of folders beside the runs, so that later commands know them by name."""
    if folders:
        stored = remembered_folders(runs) | {name: dict(each) for name, each in folders.items()}
        texts = {name: {key: str(value) for key, value in each.items()} for name, each in sorted(stored.items())}
        write_text(runs / FOLDERS, json.dumps(texts, indent=2) + "\n")
