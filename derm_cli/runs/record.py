"""What ``run.json`` says of a run, with types: records of any age are read, and written back without losing a key."""

from __future__ import annotations

import os
import socket
from dataclasses import MISSING, Field, asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

RUNNING, FINISHED, FAILED, INTERRUPTED = "running", "finished", "failed", "interrupted"
FORMAT = 1
TRAINED, STORE = "trained", "store"

_BEGINNING = (
    *("format", "files", "status", "process", "started", "request", "plan", "preprocessing", "data", "splits"),
    *("synthetic", "environment", "store"),
)
"""The keys that a new record has whatever their values; the others appear when there is something to say."""


@dataclass(frozen=True)
class Process:
    """The process that trains a run: its machine, its number there, and when the system says that it was started."""

    host: str | None
    pid: int | None
    started: str | None

    @classmethod
    def current(cls) -> Process:
        """Return this process."""
        return cls(socket.gethostname(), os.getpid(), _started(os.getpid()))

    def __str__(self) -> str:
        return f"process {self.pid} on '{self.host}'"

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is of another machine, or another container."""
        return self.host != socket.gethostname()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; one of another machine is taken to, :func:`derm_cli.runs.lease.has_lapsed` asks."""
        if self.is_elsewhere:
            return True
        if not isinstance(self.pid, int):
            return False
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except OSError:
            return True
        return _started(self.pid) == self.started


@dataclass(frozen=True)
class SplitCounts:
    """Who split a dataset (``own``, or the name of an official split), and the photographs in each part."""

    source: str
    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class StageOrigin:
    """A finished stage: ``trained`` in this run or from the ``store``, and the id of the run that trained it."""

    name: str
    source: str
    run: str

    @property
    def is_from_store(self) -> bool:
        """Whether another run trained it, or this one at another time."""
        return self.source == STORE


@dataclass(frozen=True)
class RunStop:
    """Where a plugin had training end, and why: after ``epoch`` epochs of a phase of a stage, both counted from 0.

    ``ends`` is what was ended: the ``phase``, the ``stage`` or the ``run``.
    """

    plugin: str
    reason: str
    ends: str
    stage: int
    phase: int
    epoch: int

    @property
    def place(self) -> tuple[int, int, int]:
        """Stage, phase and epochs, by which stops are put in order."""
        return self.stage, self.phase, self.epoch

    @property
    def text(self) -> str:
        """What was ended where, and why, for a person, who counts from 1."""
        where = f"epoch {self.epoch} of phase {self.phase + 1} of stage {self.stage + 1}"
        return f"the {self.ends}, after {where}: {self.reason}"


@dataclass(frozen=True)
class EnsembleMember:
    """A run whose model is part of an ensemble: its id, and the SHA-256 of its ``model.keras``."""

    run: str
    model: str


@dataclass(frozen=True)
class PrecisionCheck:
    """The precision of the training, and how far the network was from the finished model, which is in float32.

    ``max_difference`` is the largest difference of a probability on the test photographs, ``agreement`` the share, 0 to
    1, of equal answers.
    """

    trained: str
    max_difference: float
    agreement: float


@dataclass(frozen=True)
class ArtefactRecord:
    """An exported model: its path in the run's folder, its bytes, and how near it is to the run's own model.

    ``max_difference`` is the largest difference of a probability, ``agreement`` the share, 0 to 1, of equal answers,
    both on ``photographs`` test photographs.  A variant of a format has its name, ``recall`` with a table for each
    class where it was judged by that, and the SHA-256 of the photographs of its ``calibration``.  ``options`` are the
    values of the exporter's own options, all of them, by name.
    """

    exporter: str
    path: str
    size: int
    photographs: int
    max_difference: float
    agreement: float
    variant: str = ""
    recall: list[dict[str, Any]] = field(default_factory=list)
    calibration: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the values of run.json, those of a variant and of options where there are any."""
        return {name: value for name, value in vars(self).items() if value or name not in _OF_SOME}


_OF_SOME = ("variant", "recall", "calibration", "options")
"""What an artefact of a format without variants and options has not."""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """The contents of ``run.json``; docs/reference/run-folder.md tells what each key is.

    A default is what the lack of the key means in a record of an earlier derm, or of a run that has not come so far.
    ``request`` and ``environment`` are JSON values: they are hashed and compared as they are.  To change a record, give
    :func:`dataclasses.replace` the new values; ``document`` is what was read, and stays as it is.
    """

    format: int = FORMAT
    files: dict[str, str] = field(default_factory=dict)
    status: str
    process: Process | None = None
    started: str | None = None
    request: dict[str, Any]
    plan: str | None = None
    preprocessing: str | None = None
    data: dict[str, str] = field(default_factory=dict)
    splits: dict[str, SplitCounts] = field(default_factory=dict)
    synthetic: bool = False
    environment: dict[str, Any] = field(default_factory=dict)
    store: bool = True
    reason: str | None = None
    ended: str | None = None
    elsewhere: dict[str, Any] | None = None
    seconds_training: float | None = None
    seconds: dict[str, float] | None = None
    stages: tuple[StageOrigin, ...] = ()
    stops: tuple[RunStop, ...] = ()
    precision: PrecisionCheck | None = None
    artefacts: dict[str, ArtefactRecord] = field(default_factory=dict)
    members: tuple[EnsembleMember, ...] = ()
    document: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_json(cls, document: Any) -> RunRecord:
        """Read a record.  Raises ValueError where it has not the form, with the key that is amiss."""
        if not isinstance(document, dict):
            raise ValueError("no table")
        values = {name: document[name] for name in _KEYS if document.get(name) is not None}
        for name in ("format", "status", "request", "files"):
            if name not in values:
                raise ValueError(f"no {name}")
        for name, value in values.items():
            if not isinstance(value, _KINDS[name]):
                raise ValueError(f"{name} is {type(value).__name__}")
        if values["format"] != FORMAT:
            raise ValueError(f"format {values['format']}")
        if "process" in values:
            values["process"] = Process(*(values["process"].get(name) for name in ("host", "pid", "started")))
        try:
            for name in _LISTS.keys() & values.keys():
                values[name] = tuple(_read(_LISTS[name], each) for each in values[name])
            if "precision" in values:
                values["precision"] = _read(PrecisionCheck, values["precision"])
            for name, kind in (("splits", SplitCounts), ("artefacts", ArtefactRecord)):
                if name in values:
                    values[name] = {key: _read(kind, each) for key, each in values[name].items()}
        except (KeyError, TypeError) as error:
            raise ValueError(str(error)) from error
        return cls(**values, document=document)

    def to_json(self) -> dict[str, Any]:
        """Return the values of run.json: those of ``document`` in their places, then what was not there.

        What did not change is as it was read, with whatever another version of derm wrote there.
        """
        is_new = not self.document
        before = RunRecord(status="", request={}) if is_new else RunRecord.from_json(self.document)
        content = dict(self.document)
        for name in _KEYS:
            value, earlier = getattr(self, name), getattr(before, name)
            if value != earlier or (is_new and name in _BEGINNING and value is not None):
                content[name] = _json(value, earlier, self.document.get(name))
        return content


_KEYS = tuple(each.name for each in fields(RunRecord) if each.name != "document")
_LISTS: dict[str, type] = {"stages": StageOrigin, "stops": RunStop, "members": EnsembleMember}
_TEXTS = ("status", "started", "plan", "preprocessing", "reason", "ended")
_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(_KEYS, dict),
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(("synthetic", "store"), bool),
    "format": int,
    **dict.fromkeys(_LISTS, list),
    "seconds_training": (int, float),
}
"""What JSON makes of each key's value."""


def _read(kind: Any, values: dict[str, Any]) -> Any:
    kept = [each.name for each in fields(kind) if each.name in values or not _has_default(each)]
    return kind(**{name: values[name] for name in kept})


def _has_default(of: Field[Any]) -> bool:
    return of.default is not MISSING or of.default_factory is not MISSING


def _json(value: Any, earlier: Any, written: Any) -> Any:
    """Return a value as JSON; in a table, what did not change is what was ``written``."""
    if isinstance(value, dict) and isinstance(earlier, dict) and isinstance(written, dict):
        return {
            key: written[key] if key in written and each == earlier.get(key) else _json(each, None, None)
            for key, each in value.items()
        }
    if isinstance(value, dict):
        return {key: _json(each, None, None) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each, None, None) for each in value]
    if isinstance(value, ArtefactRecord):
        return value.to_json()
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _started(pid: int) -> str | None:
    """Return when a process was started, where the system tells, so that a number used again is not taken for it."""
    try:
        # A process may have any bytes for its name, which stands in brackets.
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19].decode("ascii")
    except (OSError, IndexError):
        return None
