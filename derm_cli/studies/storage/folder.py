"""The folder of a study beside the runs: its record, the states of its trainings, logs, and the report."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derm_cli.errors import DermError, RequestError, did_you_mean
from derm_cli.files import write_text
from derm_cli.runs.lease import lock_held
from derm_cli.studies.asking.spec import check_study_name
from derm_cli.studies.storage.record import RUNNING, RunState, StudyRecord, states_from_json, states_to_json

FOLDER = "studies"
"""In the folder of the runs; no folder in it is a run."""
RECORD, STATES, LOCK = "study.json", "state.json", "lock"
WORK, LOGS, STAGES, REPORT = "work", "logs", "stages", "report"
_REMOVED = ".removed-"
"""How the name of a folder begins that is being removed, which no study's can."""
_PATIENCE = 10.0
"""Seconds that another process may take to begin a study of the same name."""


@dataclass(frozen=True)
class StudyFolder:
    """A study, by its folder.

    ``study.json`` is written when it is begun, and where what it says is corrected, ``state.json`` at each change, both
    whole or not at all; ``work`` has what the
    process of each unit was asked and has told, ``logs`` what it printed, ``stages`` beginnings that are half trained,
    ``report`` the report.
    """

    path: Path

    @property
    def name(self) -> str:
        """The study's name, which is its folder's."""
        return self.path.name

    @property
    def record(self) -> StudyRecord:
        """What the study asks.  Raises DermError where it cannot be read."""
        return StudyRecord.from_json(self._json(RECORD))

    @property
    def states(self) -> dict[str, RunState]:
        """What has become of each training, by its key; nothing of one that was never begun."""
        return states_from_json(self._json(STATES)) if (self.path / STATES).exists() else {}

    def write_states(self, states: Mapping[str, RunState]) -> None:
        """Write the states, whole or not at all."""
        write_text(self.path / STATES, json.dumps(states_to_json(states), indent=1, ensure_ascii=False) + "\n")

    @property
    def is_finished(self) -> bool:
        """Whether each training has finished.  Raises DermError where that cannot be read."""
        states = self.states
        return all(run.key in states and states[run.key].is_done for run in self.record.runs)

    def write_record(self, record: StudyRecord) -> None:
        """Write what the study asks, whole or not at all."""
        write_text(self.path / RECORD, json.dumps(record.to_json(), indent=1, ensure_ascii=False) + "\n")

    @contextmanager
    def held(self, patience: float = 0) -> Iterator[None]:
        """Be the only one that carries the study out, in a ``with`` block.  Raises DermError where another does."""
        refusal = DermError(
            f"Study '{self.name}' is being carried out by another process: 'derm study show {self.name}' tells how far "
            "it is."
        )
        with lock_held(self.path / LOCK, refusal, patience):
            yield

    @property
    def is_carried_out(self) -> bool:
        """Whether a process carries the study out at this moment."""
        if not (self.path / LOCK).exists():
            return False
        try:
            with self.held():
                return False
        except DermError:
            return True

    def _json(self, name: str) -> Any:
        path = self.path / name
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise DermError(
                f"'{path}' cannot be read ({error}): put back the file that derm wrote, or remove the study with "
                f"'derm study remove {self.name}'."
            ) from None


class Studies:
    """The studies of a runs folder."""

    def __init__(self, runs: Path) -> None:
        self.root = runs / FOLDER

    def all(self) -> list[StudyFolder]:
        """Return the studies by name."""
        if not self.root.is_dir():
            return []
        paths = (path for path in sorted(self.root.iterdir()) if not path.name.startswith("."))
        return [StudyFolder(path) for path in paths if (path / RECORD).exists()]

    def find(self, name: str) -> StudyFolder:
        """Return the study of this name.  Raises RequestError where there is none."""
        found = {each.name: each for each in self.all()}
        if name not in found:
            hint = did_you_mean(name, found) if found else " There are no studies yet: 'derm study run' makes one."
            raise RequestError(f"There is no study '{name}' in '{self.root}'.{hint}")
        return found[name]

    def begun(self, record: StudyRecord) -> StudyFolder | None:
        """Return the folder of a study that was begun before, None where it was not.

        Raises RequestError where a study of this name asks for something else.
        """
        check_study_name(record.spec.name)
        folder = StudyFolder(self.root / record.spec.name)
        if not (folder.path / RECORD).exists():
            return None
        before = folder.record
        if difference := before.difference_from(record.split_as(before)):
            raise RequestError(
                f"There is a study '{folder.name}' that asks for other trainings, with {difference}: give this one "
                f"another name with --name, or remove that one with 'derm study remove {folder.name}'; either way runs "
                "that it has are taken where they are the same."
            )
        return folder

    def begin(self, record: StudyRecord) -> StudyFolder:
        """Return the folder of a study, made now, or where it was begun before.

        What stands in its place and is no study, as after a removal that was cut short, is removed.  Raises as
        :meth:`begun` does.
        """
        self.sweep()
        folder = self.begun(record)
        if folder is not None:
            return folder
        folder = StudyFolder(self.root / record.spec.name)
        refusal = DermError(f"Study '{folder.name}' is being begun by another process: give the command again.")
        self.root.mkdir(parents=True, exist_ok=True)
        with lock_held(self.root / f".{folder.name}.lock", refusal, _PATIENCE):
            # Another process may have begun it meanwhile.
            if self.begun(record) is None:
                self._remove(folder.path)
                folder.write_record(record)
        return folder

    def remove(self, folder: StudyFolder) -> None:
        """Delete a study's folder; its runs stay.  Raises DermError where it is being carried out."""
        self.sweep()
        with folder.held():
            self._remove(folder.path)

    def sweep(self) -> None:
        """Remove what removals that were cut short have left."""
        for left in self.root.glob(f"{_REMOVED}*"):
            shutil.rmtree(left, ignore_errors=True)

    def _remove(self, path: Path) -> None:
        """Remove a folder, if it is there: it is gone at once, and what is left of it is no study's any more."""
        aside = self.root / f"{_REMOVED}{secrets.token_hex(8)}"
        with suppress(FileNotFoundError):
            path.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)


def as_left(states: Mapping[str, RunState], is_carried_out: bool) -> dict[str, RunState]:
    """Return states as they are to be read: where nobody carries the study out, what was running is interrupted."""
    if is_carried_out:
        return dict(states)
    return {
        key: state.with_end("interrupted", "", "the process that carried the study out is gone", state.seconds)
        if state.status == RUNNING
        else state
        for key, state in states.items()
    }
