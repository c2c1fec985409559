"""``derm plugins``.  Imports nothing heavy: it must stay instant with fifty plugins."""

from __future__ import annotations

from pathlib import Path

import click

from derm_cli.cli import COMMANDS, plugin_commands, session
from derm_cli.cli.shared.options import ListingGroup, completing, json_option
from derm_cli.cli.shared.output_files import WritingCommand, output_folder
from derm_cli.cli.shared.printing import echo, echo_json, print_listing
from derm_cli.errors import one_line

KINDS = (
    *("dataset", "backbone", "strategy", "schedule", "recipe", "preprocessing-step"),
    *("exporter", "executor", "metric", "report-section", "tracker", "command"),
)
"""What a new plugin can add, as the workflow has templates of it."""


@click.group("plugins", cls=ListingGroup)
def command() -> None:
    """List the plugins and what they add, check one, and begin a new one."""


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
    for name, owner in plugin_commands(ctx).items():
        added[owner].setdefault("commands", []).append(name)
    values = {
        "plugins": [
            {"name": p.name, "distribution": p.distribution, "module": p.module, **added[p.name]}
            for p in registry.plugins
        ],
        "problems": [{"plugin": problem.plugin, "message": problem.message} for problem in registry.problems],
    }
    rows = [
        [plugin.name, plugin.distribution, plural.replace("_", " "), ", ".join(names)]
        for plugin in registry.plugins
        for plural, names in (added[plugin.name] or {"": []}).items()
    ]
    print_listing(as_json, ["plugin", "from", "adds", "names"], rows, values, "No plugin is in use.", whole=("plugin",))
    if not as_json:
        for problem in registry.problems:
            echo(f"\nProblem: {one_line(str(problem))}")


@command.command("check")
@click.argument("name", shell_complete=completing(lambda ctx: [each.name for each in session(ctx).registry.plugins]))
@json_option
@click.pass_context
def check(ctx: click.Context, name: str, as_json: bool) -> None:
    """Hold a plugin to derm's contract: its module, and all that it adds.

    NAME is a plugin's, as derm plugins list shows it.  A line tells of each check, and below it what to mend.  Datasets
    are read where they lie.  The exit status is 1 where anything is amiss.
    """
    from derm_cli.workflows.plugins.check import check_plugin

    results = []
    for each in check_plugin(session(ctx), name, COMMANDS):
        results.append(each)
        if not as_json:
            note = f" (not looked at: {each.note})" if each.note else ""
            echo(f"{'FAULT' if each.fault else 'ok':5}  {one_line(f'{each.subject}: {each.check}{note}')}")
            if each.fault:
                echo(f"       {one_line(each.fault)}")
    faults = sum(bool(each.fault) for each in results)
    if as_json:
        echo_json({"plugin": name, "passed": not faults, "checks": [each.to_json() for each in results]})
    else:
        echo(f"\n{len(results)} checks, {faults or 'no'} {'fault' if faults == 1 else 'faults'}.")
    if faults:
        ctx.exit(1)


@command.command("new", cls=WritingCommand)
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("name")
@click.option("--into", type=output_folder, help="The folder to write, new or empty.  [default: derm-NAME]")
@json_option
@click.pass_context
def new(ctx: click.Context, kind: str, name: str, into: Path | None, as_json: bool) -> None:
    """Write a new plugin: a distribution that installs and passes its tests as it is.

    KIND is what it adds: dataset, backbone, strategy, schedule, recipe, preprocessing-step, exporter, executor, metric,
    report-section, tracker or command.  NAME is the plugin's, and of what it adds: lower-case words joined by hyphens.
    """
    from derm_cli.workflows.plugins.new import new_plugin

    written = new_plugin(session(ctx), kind, name, into, COMMANDS)
    if as_json:
        echo_json(
            {
                "name": written.name,
                "distribution": written.distribution,
                "path": str(written.folder.resolve()),
                "written": list(written.files),
                "next": list(written.next_commands),
            }
        )
        return
    echo(f"Written to {one_line(str(written.folder))}:\n" + "\n".join(f"  {each}" for each in written.files))
    echo("\nNext, in an environment that has derm:\n" + "\n".join(f"  {each}" for each in written.next_commands))
