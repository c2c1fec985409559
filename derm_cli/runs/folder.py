"""One run's folder: ``run.json`` tells its status, its request, its environment, and the hash of every file."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from derm_cli.errors import DermError
from derm_cli.files import content_hash, leftovers, write_text
from derm_cli.plan import Plan
from derm_cli.runs.layout import CHECKPOINT, LOCK, PLAN, PREVIOUS_CHECKPOINT, RECORD
from derm_cli.runs.lease import has_lapsed
from derm_cli.runs.record import FINISHED, FORMAT, INTERRUPTED, RUNNING, Process, RunRecord


@dataclass(frozen=True)
class RunFolder:
    """A run, by its folder; ``is_outside`` where that was named by its path, and is not in the runs folder."""

    path: Path
    is_outside: bool = field(default=False, compare=False)

    @property
    def id(self) -> str:
        """The run's id, which is its folder's name."""
        return self.path.name

    @property
    def argument(self) -> str:
        """By what a command names the run, quoted for a shell: its id, or the path of one outside the runs folder."""
        return shlex.quote(str(self.path.resolve())) if self.is_outside else self.id

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def record(self) -> RunRecord:
        """The contents of run.json.  Raises DermError where it is not there or was damaged."""
        path = self / RECORD
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise DermError(f"'{self.path}' is not a run: it has no {RECORD}. See 'derm runs list'.") from None
        except (OSError, ValueError, RecursionError) as error:
            raise DermError(
                f"'{path}' cannot be read ({error}): put back the file that derm wrote, or remove the run with "
                f"'derm runs remove {self.argument}'."
            ) from None
        try:
            return RunRecord.from_json(document)
        except ValueError:
            raise DermError(
                f"'{path}' is not a run record that this version of derm writes (format {FORMAT}): put back the file "
                f"that derm wrote, or remove the run with 'derm runs remove {self.argument}'."
            ) from None

    def write(self, record: RunRecord) -> None:
        """Write run.json, whole or not at all.  To change values: ``run.write(replace(run.record, status=…))``."""
        write_text(self / RECORD, json.dumps(record.to_json(), indent=2, ensure_ascii=False) + "\n")

    def seal(self, *names: str, record: RunRecord | None = None) -> None:
        """Write ``record`` (by default the present one) with the hashes of files, so that a later change is seen."""
        record = record or self.record
        self.write(replace(record, files={**record.files, **{name: content_hash(self / name) for name in names}}))

    def seal_others(self, record: RunRecord) -> None:
        """Write ``record`` with the hashes of all files that were not sealed yet, whoever wrote them.

        Left out are the checkpoints, the lock, and what a process that was killed left half written.
        """
        inside = (path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())
        half_written = (path.relative_to(self.path).as_posix() for path in leftovers(self.path))
        left_out = {RECORD, CHECKPOINT, PREVIOUS_CHECKPOINT, LOCK, *record.files, *half_written}
        self.seal(*sorted(name for name in inside if name not in left_out), record=record)

    def has_sealed(self, name: str) -> bool:
        """Tell whether the run has a file of this name, sealed."""
        return name in self.record.files

    def sealed(self, name: str) -> Path:
        """Return the path of a file that was not changed since it was sealed.  Raises DermError where it was."""
        path = self / name
        expected = self.record.files.get(name)
        if expected is None:
            raise DermError(
                f"Run '{self.id}' has no '{name}': it is {self.status}. See 'derm runs show {self.argument}'."
            )
        try:
            actual = content_hash(path)
        except OSError as error:
            raise DermError(
                f"'{path}' cannot be read ({error.strerror}): put it back, or train again with "
                f"'derm train --repeat {self.argument}'."
            ) from None
        if actual != expected:
            raise DermError(
                f"'{path}' was changed since run '{self.id}' wrote it (its SHA-256 is not the one in {RECORD}): put "
                f"the original back, or train again with 'derm train --repeat {self.argument}'."
            )
        return path

    @property
    def status(self) -> str:
        """``running``, ``finished``, ``failed`` or ``interrupted``: the last where the process is gone.

        A process of another machine is gone where it has given no sign of life for five minutes.
        """
        record, process = self.record, self.record.process
        if record.status != RUNNING or process is None:
            return record.status
        is_gone = not process.is_alive or (process.is_elsewhere and has_lapsed(self.path))
        return INTERRUPTED if is_gone else RUNNING

    def require_own(self) -> None:
        """Raise DermError where the run is no longer this process's: another took it over, or a person ended it."""
        record = self.record
        if record.process not in (None, Process.current()):
            raise DermError(f"Run '{self.id}' was taken over by {record.process}: this process stops and leaves it.")
        if record.status != RUNNING:
            raise DermError(f"Run '{self.id}' was recorded as {record.status} by somebody else: this process stops.")

    @property
    def plan(self) -> Plan:
        """The run's plan.  Raises DermError where it was changed."""
        return Plan.from_json(json.loads(self.sealed(PLAN).read_text(encoding="utf-8")))

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return self.status == FINISHED


def now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
