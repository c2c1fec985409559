"""One run's folder: ``run.json`` tells its status, its request, its environment, and the hash of every file."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from derm_cli.errors import DermError
from derm_cli.files import leftovers, sha256_of, write_text
from derm_cli.plan import Plan

RUNNING, FINISHED, FAILED, INTERRUPTED = "running", "finished", "failed", "interrupted"
RECORD, PLAN, MODEL = "run.json", "plan.json", "model.keras"
PREDICTIONS, VALIDATION = "predictions.csv", "validation.csv"
SPLIT, DROPPED, HISTORY, EVALUATION = "split.csv", "dropped.csv", "history.csv", "evaluation.json"
CONFUSION, REPORT, ARTEFACTS = "confusion.png", "report.html", "artefacts"
CHECKPOINT, PREVIOUS_CHECKPOINT = "checkpoint.bin", "checkpoint.previous.bin"
FORMAT = 1


@dataclass(frozen=True)
class RunFolder:
    """A run, by its folder."""

    path: Path

    @property
    def id(self) -> str:
        """The run's id, which is its folder's name."""
        return self.path.name

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def record(self) -> dict[str, Any]:
        """The contents of run.json.  Raises DermError where it is not there or was damaged."""
        path = self / RECORD
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise DermError(f"'{self.path}' is not a run: it has no {RECORD}. See 'derm runs list'.") from None
        except (OSError, ValueError, RecursionError) as error:
            raise DermError(
                f"'{path}' cannot be read ({error}): put back the file that derm wrote, or remove the run with "
                f"'derm runs remove {self.id}'."
            ) from None
        wanted = {"format", "status", "request", "files"}
        if not isinstance(record, dict) or not wanted <= record.keys() or not _has_form(record):
            raise DermError(
                f"'{path}' is not a run record that this version of derm writes (format {FORMAT}): put back the file "
                f"that derm wrote, or remove the run with 'derm runs remove {self.id}'."
            )
        return record

    def update(self, **values: Any) -> None:
        """Change values of run.json, whole or not at all."""
        record = {**self.record, **values} if (self / RECORD).exists() else {"format": FORMAT, "files": {}, **values}
        write_text(self / RECORD, json.dumps(record, indent=2, ensure_ascii=False) + "\n")

    def seal(self, *names: str, **values: Any) -> None:
        """Note the hashes of files, so that a later change is seen, and change ``values`` of run.json with them."""
        files = {**self.record["files"], **{name: sha256_of(self / name) for name in names}}
        self.update(files=files, **values)

    def seal_others(self, **values: Any) -> None:
        """Seal every file that was not sealed yet, whoever wrote it; change ``values`` with them.

        Left out are the checkpoints, and what a process that was killed left half written.
        """
        inside = (path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())
        half = (path.relative_to(self.path).as_posix() for path in leftovers(self.path))
        known = {RECORD, CHECKPOINT, PREVIOUS_CHECKPOINT, *self.record["files"], *half}
        self.seal(*sorted(name for name in inside if name not in known), **values)

    def sealed(self, name: str) -> Path:
        """Return the path of a file that was not changed since it was sealed.  Raises DermError where it was."""
        path = self / name
        known = self.record["files"].get(name)
        if known is None:
            raise DermError(f"Run '{self.id}' has no '{name}': it is {self.status}. See 'derm runs show {self.id}'.")
        try:
            found = sha256_of(path)
        except OSError as error:
            raise DermError(
                f"'{path}' cannot be read ({error.strerror}): put it back, or train again with "
                f"'derm train --repeat {self.id}'."
            ) from None
        if found != known:
            raise DermError(
                f"'{path}' was changed since run '{self.id}' wrote it (its SHA-256 is not the one in {RECORD}): put "
                f"the original back, or train again with 'derm train --repeat {self.id}'."
            )
        return path

    @property
    def status(self) -> str:
        """``running``, ``finished``, ``failed`` or ``interrupted``: the last where the process is gone."""
        record = self.record
        status: str = record["status"]
        return INTERRUPTED if status == RUNNING and not _alive(record.get("process", {})) else status

    @property
    def plan(self) -> Plan:
        """The run's plan.  Raises DermError where it was changed."""
        return Plan.from_json(json.loads(self.sealed(PLAN).read_text(encoding="utf-8")))

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return self.status == FINISHED


def this_process() -> dict[str, Any]:
    """Return what tells later whether this process still runs."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "started": _started(os.getpid())}


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _has_form(record: dict[str, Any]) -> bool:
    tables = (record["files"], record["request"], record.get("process", {}))
    return record["format"] == FORMAT and isinstance(record["status"], str) and all(isinstance(t, dict) for t in tables)


def _alive(process: dict[str, Any]) -> bool:
    if process.get("host") != socket.gethostname():
        return True
    pid = process.get("pid")
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return _started(pid) == process.get("started")


def _started(pid: int) -> str | None:
    """Return when a process was started, where the system tells, so that a number used again is not taken for it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
