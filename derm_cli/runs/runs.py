"""All runs of a folder: finding one, the chosen one, the latest."""

from __future__ import annotations

import secrets
import shlex
import shutil
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.files import write_text
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.layout import LOCK, RECORD
from derm_cli.runs.lease import lease_held, seconds_since_sign_of_life
from derm_cli.runs.record import RUNNING

CHOSEN = "chosen"

LATEST = "latest"
"""What stands for the run that began last, where a run is named."""


class Runs:
    """The runs in ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def all(self) -> list[RunFolder]:
        """Return the runs, the oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(
            (RunFolder(path) for path in self.root.iterdir() if (path / RECORD).exists()), key=lambda run: run.id
        )

    def new(self) -> RunFolder:
        """Make the folder of a new run.  Its id is the time in UTC and four random digits, so ids sort by age."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        path = self.root / f"{stamp}-{secrets.token_hex(2)}"
        path.mkdir(parents=True)
        return RunFolder(path)

    def find(self, name: str, before: str = "") -> RunFolder:
        """Return the run with this id, beginning of an id, or folder.  Raises RequestError where there is none.

        ``latest`` is the one that began last, finished or not.  With ``before``, an id, that and the beginning of an id
        stand for an earlier run.
        """
        path = Path(name)
        if path.is_dir() and (path / RECORD).exists():
            # Such as '.', which has no name.
            run = RunFolder(path.resolve() if path.name in ("", "..") else path)
            return replace(run, is_outside="/" in self.reference(run))
        runs = [run for run in self.all() if run.id == name or not before or run.id < before]
        if name == LATEST and runs:
            return runs[-1]
        matches = [run for run in runs if run.id == name] or [run for run in runs if name and run.id.startswith(name)]
        if len(matches) > 1:
            raise RequestError(
                f"'{name}' begins {len(matches)} runs: {', '.join(run.id for run in matches)}. Say more of the id."
            )
        if not matches:
            ids = [run.id for run in runs]
            hint = did_you_mean(name, ids) if ids else " There are no runs yet: 'derm train' makes one."
            raise RequestError(f"There is no run '{name}' in '{self.root}'.{hint}")
        return matches[0]

    def reference(self, run: RunFolder) -> str:
        """Return by what :meth:`find` finds ``run`` at any time and from any folder: its id, or the path of another's.

        A symbolic link is followed: it may soon name another run.
        """
        root, path = self.root.resolve(), run.path.resolve()
        if path.parent == root:
            return path.name
        return run.id if run.path.parent.resolve() == root else str(path)

    @property
    def chosen(self) -> RunFolder | None:
        """The run that was chosen, if one was and it is still there."""
        try:
            path = self.root / (self.root / CHOSEN).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        return RunFolder(path) if (path / RECORD).exists() else None

    def choose(self, run: RunFolder) -> None:
        """Make ``run`` the one that commands take by default.

        Raises DermError where it is not finished, or not one of these runs.
        """
        require_finished(run)
        reference = self.reference(run)
        if "/" in reference:
            raise DermError(
                f"Run '{run.path}' is not in the runs folder '{self.root}': name its folder with --runs, as in "
                f"'derm --runs {shlex.quote(str(run.path.parent))} runs choose {run.id}'."
            )
        write_text(self.root / CHOSEN, reference + "\n")

    def default(self) -> RunFolder:
        """Return the chosen run, else the latest finished one.  Raises DermError where there is none."""
        if self.chosen is not None:
            return self.chosen
        for run in reversed(self.all()):
            try:
                if run.finished:
                    return run
            except DermError:
                continue
        raise DermError(f"There is no finished run in '{self.root}': 'derm train' makes one.")

    def remove(self, run: RunFolder) -> None:
        """Delete a run's folder.  Raises DermError where it is still running, or a process is at work in it."""
        try:
            running = run.status == RUNNING
        except DermError:
            running = False
        if running:
            raise DermError(f"Run '{run.id}' is still running: stop it before you remove it.{if_it_is_dead(run)}")
        # Where there is no lock none is made, for the disk may be full.
        with lease_held(run.path) if (run / LOCK).exists() else nullcontext():
            if self.chosen and self.chosen.path.resolve() == run.path.resolve():
                (self.root / CHOSEN).unlink()
            # The record first, so that a removal that is cut short leaves no half run in the lists.
            (run / RECORD).unlink()
            shutil.rmtree(run.path.resolve())


def require_finished(run: RunFolder) -> None:
    """Raise DermError where ``run`` is not finished, with what to do."""
    if not run.finished:
        raise DermError(
            f"Run '{run.id}' is {run.status}, not finished: go on with 'derm train --resume {run.argument}'."
        )


def require_trained(run: RunFolder) -> None:
    """Raise DermError where ``run`` is an ensemble, which cannot be trained again, or further."""
    if run.record.members:
        members = [each.run for each in run.record.members]
        raise DermError(
            f"Run '{run.id}' is an ensemble and was not trained itself: name one of its members "
            f"({', '.join(members)}), or make it again with 'derm runs ensemble {' '.join(members)}'."
        )


def if_it_is_dead(run: RunFolder) -> str:
    """Return the closing words of an error about a run that is running: what to do where its process is dead.

    They begin with a space, and are empty where the process is of this machine, which tells by itself.
    """
    process = run.record.process
    if process is None or not process.is_elsewhere:
        return ""
    return (
        f" It is trained by {process}, which gave a sign of life {max(seconds_since_sign_of_life(run.path), 0):.0f} s "
        f"ago: where that is dead, say so with 'derm runs interrupt {run.argument}'."
    )
