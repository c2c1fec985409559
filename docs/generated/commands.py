"""Commands, their help pages and their options' defaults."""

from __future__ import annotations

import os

import click

from generated.builtin import registry

TERMINAL = 80


def command_pages() -> str:
    """Return the help page of every command and sub-command, those of built-in plugins among them."""
    from derm_cli.cli import cli

    root = context_of(cli, None, "derm")
    parts = [_help("derm", root)]
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        assert command is not None
        context = context_of(command, root, name)
        parts.append(_help(f"derm {name}", context))
        if isinstance(command, click.Group):
            for child in command.list_commands(context):
                found = command.get_command(context, child)
                assert found is not None
                parts.append(_help(f"derm {name} {child}", context_of(found, context, child), level=3))
    return "\n\n".join(parts)


def options_of(name: str) -> list[click.Option]:
    """Return the options of a command."""
    from derm_cli.cli import cli

    command = cli.get_command(context_of(cli, None, "derm"), name)
    assert command is not None
    return [each for each in command.params if isinstance(each, click.Option)]


def context_of(command: click.Command, parent: click.Context | None, name: str) -> click.Context:
    """Return a context of a command, below ``parent``, that knows the built-in plugins alone."""
    from derm_cli.config import load
    from derm_cli.workflows.session import Session

    context = type(command).context_class(
        command, parent=parent, info_name=name, terminal_width=TERMINAL, **command.context_settings
    )
    if parent is None:
        context.obj = Session(load({}, {"DERM_CONFIG": os.devnull}))
        context.obj.registry = registry()
    return context


def _help(path: str, context: click.Context, level: int = 2) -> str:
    return f"{'#' * level} {path}\n\n```text\n{context.get_help()}\n```"


def key_of(option: click.Option) -> str:
    """Return an option's name without dashes, as derm.toml has it."""
    return max(option.opts, key=len).lstrip("-")


def default_of(option: click.Option) -> str:
    """Return an option's default as a page shows it."""
    value = option.default
    if option.is_flag:
        return "on" if value is True else "off"
    if isinstance(value, str | int | float):
        return f"`{value:.5f}`".replace("0`", "`") if isinstance(value, float) and value < 1e-3 else f"`{value}`"
    return "the backbone's own" if option.name == "size" else "none"
