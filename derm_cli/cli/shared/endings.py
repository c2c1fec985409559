"""How commands end: where the report is, how to look at it, and which command comes next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from derm_cli.cli.shared.printing import echo
from derm_cli.errors import DermError, one_line
from derm_cli.invocation import command_line

if TYPE_CHECKING:
    from derm_cli.runs.folder import RunFolder

F = TypeVar("F", bound=Callable[..., Any])


def open_option(command: F) -> F:
    """Add the option that opens the report when all is done."""
    return click.option("--open", "opens", is_flag=True, help="Open the report in a browser at the end.")(command)


def print_ending(run: RunFolder, next_command: str, *, opens: bool) -> None:
    """Print where a run's report is and what comes next, and open the report where that is asked for."""
    from derm_cli.workflows.runs.open import report_of

    report = report_of(run)
    if report is not None:
        shows_it = "" if opens else f" (shown by {command_line(f'runs open {run.argument}')})"
        echo(f"Report: {one_line(str(report))}{shows_it}")
    print_next(next_command)
    if report is not None and opens:
        open_page(report)


def print_next(command: str) -> None:
    """Print the command that comes next, with the folders and settings of this one."""
    echo(f"Next: {command_line(command)}")


def open_page(page: Path) -> None:
    """Open a page in the browser of whoever sits here.  Raises DermError where there is none."""
    if click.launch(str(page.absolute())):
        raise DermError(f"No browser was found here for '{page}': open that file in one, or copy it to where one is.")
