"""Defaults for commands' options from derm.toml, checked against the options that there are."""

from __future__ import annotations

from typing import Any

import click

from derm_cli.config import FILE, Settings
from derm_cli.errors import DermError, did_you_mean


def defaults_for(ctx: click.Context, settings: Settings) -> dict[str, Any]:
    """Return Click's default map: the tables of derm.toml, options named as on the command line.

    Raises DermError for a table that is no command, or a key that is none of the invoked command's options.
    """
    group = ctx.command
    assert isinstance(group, click.Group)
    commands = set(group.list_commands(ctx)) if settings.options else set()
    for name in settings.options:
        if name not in commands:
            raise DermError(f"{FILE}: there is no command for the table [{name}].{did_you_mean(name, commands)}")
    name = str(ctx.invoked_subcommand)
    if name not in settings.options:
        return {}
    command = group.get_command(ctx, name)
    assert command is not None
    options = {
        option.lstrip("-").replace("_", "-"): parameter.name
        for parameter in command.get_params(ctx)
        if isinstance(parameter, click.Option) and parameter.name != "help"
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    defaults = {}
    for key, value in settings.options[name].items():
        if key.replace("_", "-") not in options:
            raise DermError(f"{FILE}: 'derm {name}' has no option '{key}'.{did_you_mean(key, options)}")
        chosen = ",".join(value) if key == "chain" and isinstance(value, list) else value
        defaults[str(options[key.replace("_", "-")])] = chosen
    return {name: defaults}
