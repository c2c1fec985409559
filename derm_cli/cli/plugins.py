"""``derm plugins``.  Imports nothing heavy: it must stay instant with fifty plugins."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import ListingGroup, json_option
from derm_cli.cli.shared.printing import echo, print_listing
from derm_cli.errors import one_line


@click.group("plugins", cls=ListingGroup)
def command() -> None:
    """List the plugins and what they add."""


@command.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the plugins that are in use, what each adds, and what is wrong with those that are not."""
    registry = session(ctx).registry
    added: dict[str, dict[str, list[str]]] = {plugin.name: {} for plugin in registry.plugins}
    for plural, kind in registry.kinds.items():
        for name in registry.all(kind):
            added[registry.owner(kind, name)].setdefault(plural, []).append(name)
    values = {
        "plugins": [
            {"name": p.name, "distribution": p.distribution, "module": p.module, **added[p.name]}
            for p in registry.plugins
        ],
        "problems": [{"plugin": problem.plugin, "message": problem.message} for problem in registry.problems],
    }
    rows = [
        [plugin.name, plugin.distribution, plural, ", ".join(names)]
        for plugin in registry.plugins
        for plural, names in (added[plugin.name] or {"": []}).items()
    ]
    print_listing(as_json, ["plugin", "from", "adds", "names"], rows, values, "No plugin is in use.", whole=("plugin",))
    if not as_json:
        for problem in registry.problems:
            echo(f"\nProblem: {one_line(str(problem))}")
