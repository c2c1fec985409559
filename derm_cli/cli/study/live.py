"""A study while it is carried out: one table on a terminal, else a line for each thing that happens."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.printing import echo, echo_json, listing_width
from derm_cli.errors import DermError, one_line

if TYPE_CHECKING:
    from derm_cli.studies.executing.assignment import Progress
    from derm_cli.studies.executing.watching import StudyView, TrainingView
    from derm_cli.studies.storage.folder import StudyFolder
    from derm_cli.studies.studying import StudyEnd

MOST_ROWS = 20
"""Rows of the table on a terminal: of a larger study those that are running come first."""
SHARED = "shared by several"
SPARE = ("seed", "run")
"""Columns that a narrow terminal does without; a table of rows has neither."""
_UP_AND_CLEAR = "\x1b[{lines}F\x1b[J"
_ORDER = ("running", "failed", "interrupted", "waiting", "finished")


def carried_out(ctx: click.Context, folder: StudyFolder, as_json: bool, options: Mapping[str, Any]) -> None:
    """Carry a study out, telling how far it is, and print what became of it; ``options`` are its executor's own.

    Raises DermError, with the command to go on, where trainings did not finish.
    """
    from derm_cli.studies.executing.watching import view_study
    from derm_cli.studies.studying import go_on

    watch: Callable[[StudyView], None] = _Table() if sys.stderr.isatty() else _Lines()
    # Of thousands of trainings it takes a second to read, and it does not change meanwhile.
    record = folder.record
    end = go_on(session(ctx), folder, lambda each: watch(view_study(each, record, is_ours=True)), options)
    view = view_study(folder, record)
    if as_json:
        echo_json(view.to_json())
    else:
        echo("\n".join(view_lines(view)))
    require_all(end)
    if not as_json:
        echo(f"Next: derm study report {folder.name}")


def require_all(end: StudyEnd) -> None:
    """Raise DermError, with the command to go on, where trainings of a study did not finish."""
    if end.failure:
        raise DermError(
            f"{end.finished} of {len(end.states)} trainings finished ({end.failure}): mend that, and go on with "
            f"'derm study resume {end.folder.name}', which takes what is finished as it is."
        )


def view_lines(
    view: StudyView, most: int | None = None, *, each_training: bool = False, width: int | None = None
) -> list[str]:
    """Return a view as lines: its rows, or each training, and how far all are; of many, ``most`` where that is given.

    The table fits into ``width`` characters, by default into those of a listing.  Below stands why trainings did not
    finish.
    """
    rows = _trainings(view) if each_training or len(view.rows) == len(view.trainings) else _rows(view)
    more = [f"and {len(rows) - most} more"] if most is not None and len(rows) > most else []
    if more:
        rows = sorted(rows, key=lambda row: _ORDER.index(row["status"].rpartition(" ")[2]))[:most]
    rows += [
        {next(iter(rows[0])): SHARED, "status": "running", "stage": each.stage, "done": _share(each)}
        for each in view.beginnings.values()
    ]
    spare = [name for name in SPARE if name in rows[0]]
    cells = [[row.get(name, "") for name in rows[0]] for row in rows]
    table = console.table(list(rows[0]), cells, width=width or listing_width(), spare=spare)
    title = one_line(f"Study {view.name}" + (f": {view.title}" if view.title else ""))
    reasons = [one_line(f"{_named(each)}: {each.reason}") for each in view.trainings if each.reason]
    return [title, *table.splitlines(), *more, *reasons[:most], view.summary]


def _rows(view: StudyView) -> list[dict[str, Any]]:
    return [
        {
            "row": each.name,
            "finished": f"{each.counts.get('finished', 0)} of {sum(each.counts.values())}",
            "status": ", ".join(f"{each.counts[name]} {name}" for name in reversed(_ORDER) if name in each.counts),
            "stage": ", ".join(each.stages),
            "done": f"{each.progress:.0%}",
            "left": _left(each.left),
        }
        for each in view.rows
    ]


def _trainings(view: StudyView) -> list[dict[str, Any]]:
    return [
        {
            "row": each.row,
            "seed": each.seed,
            "fold": each.fold or "",
            "status": each.status,
            "stage": each.stage,
            "done": "" if each.progress is None else f"{each.progress:.0%}",
            "left": _left(each.left),
            "run": each.run,
        }
        for each in view.trainings
    ]


def _left(seconds: float | None) -> str:
    return console.clock(seconds) if seconds else ""


def _share(each: Progress) -> str:
    return f"{each.epochs_done / each.epochs:.0%}" if each.epochs else ""


def _named(each: TrainingView) -> str:
    """Return a training's row with its seed and fold, where they tell it from others."""
    return ", ".join(
        [each.row, *([f"seed {each.seed}"] if each.seed else []), *([f"fold {each.fold}"] if each.fold else [])]
    )


class _Table:
    """One table on standard error that is drawn again in its place: never wider or higher than the terminal."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, view: StudyView) -> None:
        # A terminal may go to the next line after its last column, and scrolls after its last line.
        width, height = console.terminal_width() - 1, _terminal_height() - 1
        for most in range(min(MOST_ROWS, height), 0, -1):
            lines = view_lines(view, most, width=width)
            if len(lines) <= height:
                break
        lines = [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines[-height:]]
        if self._drawn:
            sys.stderr.write(_UP_AND_CLEAR.format(lines=self._drawn))
        echo("\n".join(lines), err=True)
        self._drawn = len(lines)


def _terminal_height(default: int = 24) -> int:
    """Return the lines of the terminal on standard error, ``LINES`` where set, else ``default``; 2 at least."""
    lines = 0
    with suppress(OSError, ValueError):
        lines = int(os.environ.get("LINES", "0")) or os.get_terminal_size(sys.stderr.fileno()).lines
    return max(lines or default, 2)


class _Lines:
    """A line on standard error for each change of a training's status or stage."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, str]] = {}

    def __call__(self, view: StudyView) -> None:
        now = {each.key: (each.status, each.stage, _named(each), each.reason) for each in view.trainings}
        now |= {key: ("running", each.stage, SHARED, "") for key, each in view.beginnings.items()}
        for key, (status, stage, row, reason) in now.items():
            if self._told.get(key, ("waiting", "")) == (status, stage):
                continue
            self._told[key] = (status, stage)
            more = "".join([f", stage {stage}" if stage else "", f": {reason}" if reason else ""])
            echo(one_line(f"{row}: {status}{more}"), err=True)
