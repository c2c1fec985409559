"""What the process of a study's unit of work is told, and what it tells, as files of the study's folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from derm_cli.errors import DermError
from derm_cli.files import write_text

OUTCOME, PROGRESS, COST = ".outcome.json", ".progress.json", ".cost.json"


@dataclass(frozen=True)
class Assignment:
    """A unit of work: the request of a training, of which only stages up to the one of index ``until`` where given.

    ``settings`` are folders and lists of derm by name, as :func:`derm_cli.config.load` takes them; ``folder`` is where
    stages are trained.  Of a beginning, ``users`` are the keys of the trainings that wait for it.  ``study`` is
    what plugins are told of the study, and ``row`` the row of a whole training, empty for a beginning.  ``outlines``
    are those of the stages that are trained.
    """

    key: str
    request: dict[str, Any]
    until: int | None
    folder: str
    settings: dict[str, str]
    users: tuple[str, ...] = ()
    study: dict[str, str] = field(default_factory=dict)
    row: str = ""
    outlines: tuple[str, ...] = ()

    def write(self, folder: Path) -> Path:
        """Write it into ``folder``, without what an earlier process of the unit told, and return its file."""
        path = folder / f"{self.key}.json"
        for suffix in (OUTCOME, PROGRESS):
            (folder / f"{self.key}{suffix}").unlink(missing_ok=True)
        write_text(path, json.dumps(asdict(self)) + "\n")
        return path

    @classmethod
    def read(cls, path: Path) -> Assignment:
        """Read one that was written.  Raises ValueError or TypeError where it is none."""
        values = dict(json.loads(path.read_text(encoding="utf-8")))
        return cls(**values | {name: tuple(values.get(name, ())) for name in ("users", "outlines")})


@dataclass(frozen=True)
class _Told:
    """What the process of a unit of work tells, in a file of its own: the unit's key and ``suffix``."""

    suffix: ClassVar[str]

    def write(self, folder: Path, key: str) -> None:
        """Write it into ``folder``, whole or not at all."""
        write_text(folder / f"{key}{self.suffix}", json.dumps(asdict(self)) + "\n")

    @classmethod
    def read(cls, folder: Path, key: str) -> Self | None:
        """Return what the process of a unit told, None where it told nothing."""
        values = _json(folder / f"{key}{cls.suffix}")
        return None if values is None else cls(**values)


@dataclass(frozen=True)
class UnitOutcome(_Told):
    """What has come of a unit of work: its status, the id of its run where it has one, and why it did not finish."""

    suffix = OUTCOME
    status: str
    run: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Progress(_Told):
    """How far the process of a unit is: its run, its stage, and how many epochs of all stages are done.

    ``epochs_trained`` are those of them that this process has trained; the others were done before, or stored.
    """

    suffix = PROGRESS
    run: str
    stage: str
    epochs_done: int
    epochs: int
    epochs_trained: int = 0


@dataclass(frozen=True)
class StageCost:
    """What a stage took in one process, with what follows it up to the next: seconds, and joules where they are told.

    ``run`` is the id of the run that it is of, '' of a beginning; ``stage`` is '' for what comes before the first, such
    as reading photographs.
    """

    run: str
    stage: str
    seconds: float
    joules: float | None
    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitCost(_Told):
    """What a unit of work took, stage by stage, in all processes that were at it."""

    suffix = COST
    stages: tuple[StageCost, ...] = ()

    @classmethod
    def read(cls, folder: Path, key: str) -> UnitCost | None:
        """Return what the processes of a unit took, None where none told.  Raises DermError where it is damaged."""
        values = _json(folder / f"{key}{COST}")
        if values is None:
            return None
        try:
            found = (StageCost(**{**each, "devices": tuple(each["devices"])}) for each in values["stages"])
            return cls(tuple(found))
        except (KeyError, TypeError) as error:
            raise DermError(f"'{folder / key}{COST}' has not derm's form ({error}): remove it.") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DermError(f"'{path}' cannot be read ({error}): remove it, and 'derm study resume' again.") from None
