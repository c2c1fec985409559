"""Defaults for commands' options from derm.toml, checked against the options that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from derm_cli.cli.shared.option_values import checked_value
from derm_cli.config import FILE, Settings
from derm_cli.console import warn
from derm_cli.errors import DermError, RequestError, did_you_mean


def defaults_for(ctx: click.Context, settings: Settings) -> dict[str, Any]:
    """Return Click's default map: the tables of derm.toml, options named as on the command line.

    Raises DermError for a table that is no command, or a key that is none of the invoked command's options, and
    RequestError for a value that is none of its option's.
    """
    group = ctx.command
    assert isinstance(group, click.Group)
    commands = set(group.list_commands(ctx)) if settings.options else set()
    for name in settings.options:
        if name not in commands:
            raise DermError(f"{FILE}: there is no command for the table [{name}].{did_you_mean(name, commands)}")
    name = str(ctx.invoked_subcommand)
    command = group.get_command(ctx, name) if name in settings.options else None
    return {} if command is None else {name: command_defaults(command, name, ctx, settings)}


def command_defaults(command: click.Command, name: str, ctx: click.Context, settings: Settings) -> dict[str, Any]:
    """Return the defaults that the table ``name`` of derm.toml has for a command, by parameter.

    Raises as :func:`defaults_for` does.
    """
    if name not in settings.options:
        return {}
    options = options_by_key(command, ctx)
    defaults: dict[str, Any] = {}
    keys: dict[str, str] = {}
    for key, value in settings.options[name].items():
        option = options.get(key.replace("_", "-"))
        if option is None:
            raise DermError(f"{FILE}: 'derm {name}' has no option '{key}'.{did_you_mean(key, options)}")
        parameter = str(option.name)
        if parameter in keys:
            raise DermError(f"{FILE}: '{keys[parameter]}' and '{key}' in [{name}] are of one option: keep one of them.")
        keys[parameter] = key
        try:
            defaults[parameter] = checked_value(option, key.replace("_", "-"), value)
        except ValueError as error:
            raise RequestError(f"{FILE}: '{key}' in [{name}] is {_toml_text(value)}, but {error}.") from None
    return defaults


def options_by_key(command: click.Command, ctx: click.Context) -> dict[str, click.Option]:
    """Return the options of a command by their keys in derm.toml: their names on the command line."""
    return {
        option.lstrip("-").replace("_", "-"): parameter
        for parameter in command.get_params(ctx)
        if isinstance(parameter, click.Option) and not set(parameter.opts) & set(ctx.help_option_names)
        for option in (*parameter.opts, *parameter.secondary_opts)
    }


def warn_of_unused_variables(ctx: click.Context, variables: Mapping[str, str]) -> None:
    """Warn of environment variables that look as if they gave an option of the invoked command, and give none."""
    group, name = ctx.command, str(ctx.invoked_subcommand)
    assert isinstance(group, click.Group)
    prefix = f"DERM_{name.upper().replace('-', '_')}_"
    given = [each for each in variables if each.startswith(prefix)]
    command = group.get_command(ctx, name) if given else None
    if command is None or isinstance(command, click.Group):
        return
    known = {f"{prefix}{parameter.name}".upper() for parameter in command.get_params(ctx)}
    for each in sorted(set(given) - known):
        warn(f"the environment variable '{each}' gives no option of 'derm {name}'.{did_you_mean(each, known)}")


def _toml_text(value: object) -> str:
    """Return a value as derm.toml has it."""
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, _SHOWN) else f"'{value}'"


_SHOWN = (str, int, float, list)
