"""``derm doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derm_cli import config
from derm_cli.cli import plugin_commands, session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import echo, echo_json, echo_table

if TYPE_CHECKING:
    from derm_cli.workflows.doctor import EnvironmentCheck

TRAIN = "train "
"""Before the options of ``derm train`` among the settings."""
SOURCES = {"DEFAULT": config.DEFAULT, "DEFAULT_MAP": config.FILE, "ENVIRONMENT": "environment"}


@click.command("doctor")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Show what is wrong in this environment, what it has, and which settings won."""
    from derm_cli.workflows.doctor import check_environment

    current = session(ctx)
    settings = [
        {"setting": name, "value": _plain(setting.value), "source": setting.source}
        for name, setting in current.settings.named().items()
    ] + _train_options(ctx)
    # What is wrong with a plugin's commands is a problem of the registry then.
    plugin_commands(ctx)
    environment = check_environment(current)
    if as_json:
        checks = [{"what": each.name, "value": each.value, "good": each.good} for each in environment]
        echo_json({"settings": settings, "checks": checks})
    else:
        _print(environment, settings)
    if not all(each.good for each in environment):
        ctx.exit(1)


def _print(environment: list[EnvironmentCheck], settings: list[dict[str, Any]]) -> None:
    """Print what is wrong, then what is there, and last the settings that somebody made."""
    wrong = [each for each in environment if not each.good]
    if wrong:
        echo_table(["", "what", "found"], [["PROBLEM", each.name, each.value] for each in wrong])
        echo("")
    else:
        echo("Nothing is wrong.\n")
    echo_table(["what", "found"], [[each.name, each.value] for each in environment if each.good])
    echo("")
    made = [each for each in settings if not (each["setting"].startswith(TRAIN) and each["source"] == config.DEFAULT)]
    echo_table(["setting", "value", "from"], [list(each.values()) for each in made])
    if len(made) < len(settings):
        echo(f"{len(settings) - len(made)} options of derm train are left to its recipe and defaults.")


def _train_options(ctx: click.Context) -> list[dict[str, Any]]:
    """Return the options of ``derm train`` as they would be now, each with its source."""
    from derm_cli.cli import cli
    from derm_cli.cli.shared.defaults import defaults_for

    root = ctx.find_root()
    command = cli.get_command(root, "train")
    assert command is not None
    settings = session(ctx).settings
    invoked, root.invoked_subcommand = root.invoked_subcommand, "train"
    try:
        root.default_map = defaults_for(root, settings)
    finally:
        root.invoked_subcommand = invoked
    context = command.make_context("train", [], parent=root, resilient_parsing=False)
    options = []
    for parameter in command.params:
        source = context.get_parameter_source(str(parameter.name))
        name = SOURCES.get(source.name if source else "", "")
        if parameter.name in ("dry_run", "resume", "repeat", "opens", "as_json", "help"):
            continue
        if name == "environment":
            name = (
                f"environment {parameter.resolve_envvar_value(context) and 'DERM_TRAIN_' + str(parameter.name).upper()}"
            )
        options.append(
            {
                "setting": f"{TRAIN}{parameter.opts[0]}",
                "value": _plain(context.params.get(str(parameter.name))),
                "source": name,
            }
        )
    return options


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return ",".join(map(str, value)) or None
    return str(value) if value is not None and not isinstance(value, int | float) else value
