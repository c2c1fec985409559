"""The command line: a module a command, imported when it is asked for; options, one call, and printing."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from derm_cli import __version__, config
from derm_cli.cli.shared.sentences import refusal, unexpected
from derm_cli.engine.stopping import Stopped, StopSignals, exit_status_of, reason_of
from derm_cli.errors import DermError, one_line, printable
from derm_cli.invocation import invoked, pasteable
from derm_cli.plugin.calling import showing_output
from derm_cli.streams import drop_output, prepare_streams

if TYPE_CHECKING:
    from derm_cli.workflows.session import Session

# Summaries stand here so that --help imports no command; tests/cli hold them equal to the commands' own.
COMMANDS = {
    "cache": "List what is in the cache, and remove what was not used for long.",
    "data": "Get, list, check, show and ingest datasets.",
    "demo": "Run the main job on synthetic photographs, from training to a model for a phone.",
    "doctor": "Show what is wrong in this environment, what it has, and which settings won.",
    "evaluate": "Print the metrics of each class with 95 % confidence intervals, calibration and triage thresholds.",
    "export": "Write a run's model for a phone, checked against the run.",
    "inspect": "Tell what is in an artefact or a bundle: inputs, operations, weights, facts.",
    "plugins": "List the plugins and what they add, check one, and begin a new one.",
    "predict": "Ask a run's model, or an artefact, about photographs.",
    "runs": "List, show, open, compare, choose and remove runs.",
    "study": "Train a grid of models as one study, and report what it comes to.",
    "train": "Train a backbone through a chain of datasets.",
    "verify": "Prove a bundle: its files, and its answers from the file on.",
}
TELLS_OF_PLUGINS = ("plugins", "doctor")


class Sentence(click.ClickException):
    """A DermError as Click shows it: one sentence, and its exit status."""

    def __init__(self, message: str, exit_status: int) -> None:
        super().__init__(printable(pasteable(message)))
        self.exit_code = exit_status  # type: ignore[misc]


class DermGroup(click.Group):
    """Finds built-in commands by module, others by asking plugins; turns errors into sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        self._ask_plugins(ctx)
        return sorted({*COMMANDS, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command: a built-in one is imported, for any other the plugins are asked."""
        if cmd_name in COMMANDS:
            command: click.Command = import_module(f"derm_cli.cli.{cmd_name}").command
            return command
        self._ask_plugins(ctx)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        names = self.list_commands(ctx)
        added = {name: command.get_short_help_str(formatter.width) for name, command in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS.get(name) or added[name]) for name in names])
        # Help ends before anything is invoked.
        _tell_of_plugins(ctx.find_root())

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, with the nearest names where there is none."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from derm_cli.errors import did_you_mean

            raise click.UsageError(
                f"There is no command '{args[0]}'.{did_you_mean(args[0], self.list_commands(ctx))}", ctx
            )
        return super().resolve_command(ctx, args)

    def _ask_plugins(self, ctx: click.Context) -> None:
        root = ctx.find_root()
        if not root.meta.get("derm.plugins_asked"):
            root.meta["derm.plugins_asked"] = True
            try:
                session(root).registry.add_commands(self, COMMANDS)
            except DermError as error:
                raise Sentence(str(error), error.exit_status) from error

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the command line up to the command; what is wrong with it stands out on a terminal."""
        try:
            return super().make_context(*arguments, **options)
        except click.ClickException as error:
            _have_it_stand_out(error)
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what the user can mend is said in a sentence, and plugins' faults after all else."""
        options = {name: ctx.params.get(name) for name in config.DEFAULT_FOLDERS}
        with (
            StopSignals(),
            invoked(options, os.environ.get("DERM_CONFIG")),
            showing_output(bool(ctx.params.get("verbose"))),
        ):
            try:
                return self._invoke(ctx)
            except click.ClickException as error:
                _have_it_stand_out(error)
                raise

    def _invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DermError as error:
            if ctx.params.get("verbose"):
                raise
            raise Sentence(str(error), error.exit_status) from error
        except click.ClickException as error:
            if not isinstance(error, Sentence):
                # Click quotes what was given as it is.
                error.message = one_line(error.message)  # type: ignore[misc]
            raise
        except (click.exceptions.Exit, click.Abort):
            raise
        except Stopped as stopped:
            if stopped.signal == signal.SIGINT:
                raise
            sentence = f"Derm was {reason_of(stopped)} before it was done: give the command again."
            raise Sentence(sentence, exit_status_of(stopped)) from None
        except OSError as error:
            if ctx.params.get("verbose") or isinstance(error, BrokenPipeError):
                raise
            raise Sentence(refusal(error, ctx.obj and ctx.obj.settings), 1) from error
        except Exception as error:
            if ctx.params.get("verbose"):
                raise
            raise Sentence(_unexpected(ctx, error), 1) from error
        finally:
            _tell_of_plugins(ctx)


def _have_it_stand_out(error: click.ClickException) -> None:
    from derm_cli.cli.shared.printing import have_it_stand_out

    have_it_stand_out(error)


def _unexpected(ctx: click.Context, error: Exception) -> str:
    """Return the sentence on an error that nobody foresaw: a plugin's fault, or else derm's."""
    if "registry" in vars(ctx.obj or object) and (fault := ctx.obj.registry.fault_in(error)):
        return str(fault)
    return unexpected(error)


def _tell_of_plugins(ctx: click.Context) -> None:
    opened = ctx.obj
    if opened is None or ctx.invoked_subcommand in TELLS_OF_PLUGINS or "registry" not in vars(opened):
        return
    from derm_cli.console import warn

    for problem in opened.registry.problems:
        warn(str(problem))


def session(ctx: click.Context) -> Session:
    """Return the session of this invocation, made at the first need."""
    root = ctx.find_root()
    if root.obj is None:
        from derm_cli.workflows.session import Session

        folders = {name: root.params.get(name) for name in config.DEFAULT_FOLDERS}
        root.obj = Session(config.load(folders))
    opened: Session = root.obj
    return opened


def plugin_commands(ctx: click.Context) -> dict[str, str]:
    """Return the commands that plugins add, and the name of the plugin of each."""
    from derm_cli.plugin.commands import owner_of

    root = ctx.find_root()
    assert isinstance(root.command, click.Group)
    root.command.list_commands(root)
    return {name: owner for name, command in root.command.commands.items() if (owner := owner_of(command))}


@click.group(
    "derm", cls=DermGroup, context_settings={"auto_envvar_prefix": "DERM", "help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="derm", message="%(prog)s %(version)s")
@click.option(
    "--data", metavar="DIR", allow_from_autoenv=False, help="Folder that holds the datasets (DERM_DATA; default data/)."
)
@click.option(
    "--runs", metavar="DIR", allow_from_autoenv=False, help="Folder that holds the runs (DERM_RUNS; default runs/)."
)
@click.option("--cache", metavar="DIR", allow_from_autoenv=False, help="Folder of decoded photographs (DERM_CACHE).")
@click.option("-v", "--verbose", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(ctx: click.Context, data: str | None, runs: str | None, cache: str | None, verbose: bool) -> None:  # noqa: ARG001
    """Train, judge and ship skin-lesion classifiers.

    \b
    derm demo
    derm train --backbone effnet-lite0 --chain imagenet,synthetic-phone
    derm evaluate
    derm export --tflite
    """  # noqa: D301 - Click wants the character itself
    if ctx.invoked_subcommand is not None:
        from derm_cli.cli.shared.defaults import defaults_for, warn_of_unused_variables

        ctx.default_map = defaults_for(ctx, session(ctx).settings)
        warn_of_unused_variables(ctx, os.environ)


def main() -> None:
    """Run ``derm``."""
    prepare_streams()
    if "_DERM_COMPLETE" in os.environ:
        from derm_cli.cli.shared.bash_completion import register

        register()
    try:
        status = cli(standalone_mode=True)
    except SystemExit as end:
        status = end.code
    except OSError as error:
        from derm_cli.cli.shared.printing import echo_error

        # Help, which no command prints.
        echo_error(refusal(error))
        status = 1
    try:
        sys.stdout.flush()
    except OSError:
        drop_output()
    sys.exit(status)
