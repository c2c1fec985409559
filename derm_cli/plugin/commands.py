"""Commands that plugins add: who added which, which are refused, and whose fault it is where one fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from derm_cli.plugin.calling import HOOK as ROLE
from derm_cli.plugin.calling import Origin, PluginFault, PluginFunction, call

if TYPE_CHECKING:
    import click

HOOK = "derm_commands"


def add_commands(
    cli: click.Group, hooks: Iterable[tuple[Origin, Callable[..., Any]]], built_in: Collection[str]
) -> Iterator[PluginFault]:
    """Let each plugin add its commands to ``cli``, and yield what is wrong with one.

    A command that derm or an earlier plugin has is refused, and of a plugin whose hook fails none is added.  What a
    plugin's command raises beyond Click's own errors is told as the plugin's.
    """
    for name, command in list(cli.commands.items()):
        if isinstance(command.invoke, PluginFunction):
            # Of an earlier call in this process, whose plugins may have been others.
            del cli.commands[name]
    for origin, hook in hooks:
        here = replace(origin, what=HOOK)
        before = dict(cli.commands)
        try:
            call(here, hook, (cli,), role=ROLE)
        except MemoryError:
            raise
        except Exception as error:
            cli.commands.clear()
            cli.commands.update(before)
            yield error if isinstance(error, PluginFault) else here.failed(hook, error)
            continue
        for name, command in list(cli.commands.items()):
            if command is before.get(name):
                continue
            owner = "derm" if name in built_in else owner_of(before[name]) if name in before else ""
            if owner:
                yield here.wrong(hook, f"adds a command '{name}', which is one of {owner}'s and stays so")
                del cli.commands[name]
                cli.commands.update({name: before[name]} if name in before else {})
            else:
                what = replace(origin, what=f"the command '{name}'")
                command.invoke = PluginFunction(what, command.invoke, "", "command", is_quiet=False)  # type: ignore[method-assign]


def owner_of(command: click.Command) -> str:
    """Return the name of the plugin that added a command, '' for another's."""
    return command.invoke.origin.plugin if isinstance(command.invoke, PluginFunction) else ""
