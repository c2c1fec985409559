"""Settings: the keys of derm.toml, of its tables and of commands."""

from __future__ import annotations

from derm_cli.markdown import markdown_table
from generated.commands import default_of, key_of, options_of


def setting_table() -> str:
    """Return a line for each setting at the top of derm.toml."""
    from derm_cli import config

    meanings = {
        "data": "folder that holds the datasets, each in a folder of its name",
        "runs": "folder that holds the runs",
        "cache": "folder of decoded photographs, stored stages and synthetic datasets",
        "cache_limit": "size that [stored stages](cache.md), and features, may take each, such as `500 MB`, `20 GB`, "
        "`1.5 GiB`, `0`",
        "plugins": "only these plugins are loaded",
        "disabled_plugins": "these plugins are not loaded",
    }
    defaults = {name: f"`{value}`" if value else "the user's cache folder" for name, value in config.DEFAULTS.items()}
    rows = [
        [
            f"`{name}`",
            meanings[name],
            f"`--{name}`" if name in config.DEFAULT_FOLDERS else "–",
            f"`DERM_{name.upper()}`",
            defaults.get(name, "all" if name == "plugins" else "none"),
        ]
        for name in config.SETTINGS
    ]
    return markdown_table(["key", "what", "option", "variable", "default"], rows)


def dataset_key_table() -> str:
    """Return a line for each key of a table ``[datasets.NAME]``."""
    from derm_cli import config

    meanings = {
        "path": "folder of the dataset; from derm.toml's own folder where it is relative",
        "reader": "dataset plugin that reads the folder, such as `folder` or `csv`; else the one called NAME",
        "leave_out": "list of classes that are left out",
    }
    return markdown_table(["key", "what"], [[f"`{name}`", meanings[name]] for name in config.DATASET_KEYS])


def option_table(name: str) -> str:
    """Return a line for each option of a command: its key in derm.toml, its variable and its default."""
    rows = [
        [f"`{key_of(option)}`", f"`DERM_{name.upper()}_{str(option.name).upper()}`", default_of(option)]
        for option in options_of(name)
        if option.name not in ("dry_run", "resume", "repeat", "as_json")
    ]
    return markdown_table(["key", "variable", "default"], rows)
