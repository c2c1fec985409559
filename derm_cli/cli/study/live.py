"""A study while it is carried out: one table on a terminal, else a line for each thing that happens."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.printing import assumed_width, echo, echo_json
from derm_cli.errors import DermError, one_line

if TYPE_CHECKING:
    from derm_cli.study.executing.watching import StudyView, TrainingView
    from derm_cli.study.storage.folder import StudyFolder
    from derm_cli.study.studying import StudyEnd

MOST_ROWS = 20
"""Rows of the table on a terminal: of a larger study those that are running come first."""
SHARED = "shared by several"
_UP_AND_CLEAR = "\x1b[{lines}F\x1b[J"
_ORDER = ("running", "failed", "interrupted", "waiting", "finished")


def carried_out(ctx: click.Context, folder: StudyFolder, as_json: bool) -> None:
    """Carry a study out, telling how far it is, and print what became of it.

    Raises DermError, with the command to go on, where trainings did not finish.
    """
    from derm_cli.study.studying import go_on

    watch: Callable[[StudyView], None] = _Table() if sys.stderr.isatty() else _Lines()
    end = go_on(session(ctx), folder, lambda each: watch(_view(each)))
    view = _view(folder)
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


def _view(folder: StudyFolder) -> StudyView:
    from derm_cli.study.executing.watching import view_study

    return view_study(folder, is_ours=True)


def view_lines(view: StudyView, most: int | None = None) -> list[str]:
    """Return a view as lines: its trainings, ``most`` of them where that is given, and how far all are."""
    trainings: list[TrainingView] = list(view.trainings)
    if most is not None and len(trainings) > most:
        trainings = sorted(trainings, key=lambda each: (_ORDER.index(each.status), each.key))[:most]
    rows = [_row(each) for each in trainings]
    rows += [
        [key, SHARED, "", "", "running", each.stage, _share(each.epochs_done, each.epochs), "", ""]
        for key, each in view.beginnings.items()
    ]
    headers = ["", "row", "seed", "fold", "status", "stage", "done", "left", "run"]
    title = one_line(f"Study {view.name}" + (f": {view.title}" if view.title else ""))
    lines = [title, *console.table(headers, rows).splitlines(), view.summary]
    lines += [one_line(f"{each.key}: {each.reason}") for each in trainings if each.reason]
    return lines


def _row(each: TrainingView) -> list[Any]:
    left = "" if each.left is None else f"{each.left / 60:.0f} min" if each.left >= 90 else f"{each.left:.0f} s"
    progress = "" if each.progress is None else f"{each.progress:.0%}"
    return [each.key, each.row, each.seed, each.fold or "", each.status, each.stage, progress, left, each.run]


def _share(done: int, of: int) -> str:
    return f"{done / of:.0%}" if of else ""


class _Table:
    """One table on standard error that is drawn again in its place."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, view: StudyView) -> None:
        width = assumed_width()
        lines = [line[: width - 1] for line in view_lines(view, MOST_ROWS)]
        if self._drawn:
            sys.stderr.write(_UP_AND_CLEAR.format(lines=self._drawn))
        echo("\n".join(lines), err=True)
        self._drawn = len(lines)


class _Lines:
    """A line on standard error for each change of a training's status or stage."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, str]] = {}

    def __call__(self, view: StudyView) -> None:
        now = {each.key: (each.status, each.stage, each.row, each.reason) for each in view.trainings}
        now |= {key: ("running", each.stage, SHARED, "") for key, each in view.beginnings.items()}
        for key, (status, stage, row, reason) in now.items():
            if self._told.get(key, ("waiting", "")) == (status, stage):
                continue
            self._told[key] = (status, stage)
            more = "".join([f", stage {stage}" if stage else "", f": {reason}" if reason else ""])
            echo(one_line(f"{key} ({row}) {status}{more}"), err=True)
