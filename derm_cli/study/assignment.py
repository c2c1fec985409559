"""What the process of a study's unit of work is told, and what it tells, as files of the study's folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from derm_cli.errors import DermError
from derm_cli.files import write_text

OUTCOME, PROGRESS = ".outcome.json", ".progress.json"


@dataclass(frozen=True)
class Assignment:
    """A unit of work: the request of a training, of which only stages up to the one of index ``until`` where given.

    ``settings`` are folders and lists of derm by name, as :func:`derm_cli.config.load` takes them; ``folder`` is where
    stages are trained.
    """

    key: str
    request: dict[str, Any]
    until: int | None
    folder: str
    settings: dict[str, str]

    def write(self, folder: Path) -> Path:
        """Write it into ``folder``, without what an earlier process of the unit told, and return its file."""
        path = folder / f"{self.key}.json"
        for suffix in (OUTCOME, PROGRESS):
            (folder / f"{self.key}{suffix}").unlink(missing_ok=True)
        write_text(path, json.dumps(asdict(self)) + "\n")
        return path

    @classmethod
    def read(cls, path: Path) -> Assignment:
        """Read one that was written."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class UnitOutcome:
    """What has come of a unit of work: its status, the id of its run where it has one, and why it did not finish."""

    status: str
    run: str = ""
    reason: str = ""

    def write(self, folder: Path, key: str) -> None:
        """Write it into ``folder``, whole or not at all."""
        write_text(folder / f"{key}{OUTCOME}", json.dumps(asdict(self)) + "\n")

    @classmethod
    def read(cls, folder: Path, key: str) -> UnitOutcome | None:
        """Return what the process of a unit told, None where it told nothing."""
        values = _json(folder / f"{key}{OUTCOME}")
        return None if values is None else cls(**values)


@dataclass(frozen=True)
class Progress:
    """How far the process of a unit is: its run, its stage, and which of how many epochs of all stages it has done."""

    run: str
    stage: str
    epochs_done: int
    epochs: int

    def write(self, folder: Path, key: str) -> None:
        """Write it into ``folder``, whole or not at all."""
        write_text(folder / f"{key}{PROGRESS}", json.dumps(asdict(self)) + "\n")

    @classmethod
    def read(cls, folder: Path, key: str) -> Progress | None:
        """Return how far a unit is, None where nobody tells."""
        values = _json(folder / f"{key}{PROGRESS}")
        return None if values is None else cls(**values)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DermError(f"'{path}' cannot be read ({error}): remove it, and 'derm study resume' again.") from None
