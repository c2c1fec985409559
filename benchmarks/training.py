"""Whole trainings, by ``derm train`` or by whatever else keeps a timeline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import stopwatch
from benchmarks.generated_plugins import write_distribution
from benchmarks.processes import DERM, ROOT, Outcome, environment, run
from benchmarks.timeline import FILE, Timeline
from derm_cli.csv_cells import read_rows
from derm_cli.runs.layout import HISTORY, RECORD


@dataclass(frozen=True)
class Training:
    """A training that ended: the process, what happened inside it, and derm's own folder of it where derm trained."""

    process: Outcome
    timeline: Timeline
    run: Path | None = None

    @property
    def to_first_step(self) -> float | None:
        """Seconds from the start of the process to the end of the first step."""
        step = self.timeline.first_step
        return None if step is None else step - self.process.started

    @property
    def first_step(self) -> float | None:
        """Seconds from the beginning of the stage, its network built, to the end of the first step."""
        step, began = self.timeline.first_step, self.timeline.stage_began
        return None if step is None or began is None else step - began

    @property
    def record(self) -> dict[str, Any]:
        """What derm's run.json says."""
        assert self.run is not None
        record: dict[str, Any] = json.loads((self.run / RECORD).read_text(encoding="utf-8"))
        return record

    @property
    def history(self) -> list[dict[str, str]]:
        """The rows of derm's history.csv, an epoch each."""
        assert self.run is not None
        with (self.run / HISTORY).open(encoding="utf-8", newline="") as file:
            return read_rows(file)

    def to_json(self) -> dict[str, Any]:
        """Return all that was measured as JSON values; ``accounts`` are derm's own seconds by account."""
        accounts = {} if self.run is None else {"accounts": self.record["seconds"]}
        return {**asdict(self.process), **asdict(self.timeline), **accounts}


class Derm:
    """The installed command, on the datasets in the folder ``data``, with a stopwatch among its plugins.

    Everything that it writes lies in ``folder``; ``variables`` are set in its environment.
    """

    def __init__(self, folder: Path, data: Path, **variables: str) -> None:
        self.folder, self.data = folder, data
        self.plugins = folder / "plugins"
        write_distribution(self.plugins, stopwatch.NAME, stopwatch.MODULE)
        self._variables, self._numbers = variables, count()

    def train(self, cache: Path | None = None, **options: object) -> Training:
        """Run ``derm train`` with ``options``, in an empty cache unless one is given.

        Nothing is kept back for validation, and nothing is compared with baselines, so that other programs, and earlier
        versions, do the same work.
        """
        folder = self.folder / f"derm-{next(self._numbers)}"
        runs, timeline = folder / "runs", folder / "timeline.json"
        arguments = ["--runs", str(runs), "train", *command_line({"validation_share": 0} | options)]
        variables = {FILE: str(timeline), "DERM_TRAIN_BASELINES": "no"}
        outcome = self.call(arguments, cache or folder / "cache", folder, **variables)
        (run_folder,) = (each for each in runs.iterdir() if (each / RECORD).exists())
        return Training(outcome, Timeline.read(timeline), run_folder)

    def call(self, arguments: Sequence[str], cache: Path, folder: Path, **variables: str) -> Outcome:
        """Run any command of derm in the folder ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        env = environment([self.plugins, ROOT], **self._variables, **variables)
        return run([DERM, "--data", str(self.data), "--cache", str(cache), *arguments], env, folder)


def command_line(options: dict[str, object]) -> list[str]:
    """Return options as a command line has them; one that is True is a flag."""
    arguments = []
    for name, value in options.items():
        arguments += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return arguments
