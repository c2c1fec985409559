"""Where two runs part: ``derm runs compare``."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from derm_cli.engine import backend
from derm_cli.evaluation.predictions import CASE, PATIENT, PREDICTION, PROBABILITY
from derm_cli.plan import Plan
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.comparing.diff import (
    Difference,
    Row,
    Variables,
    between_facts,
    between_rows,
    between_variables,
    counted,
    flat,
)
from derm_cli.workflows.training.request import TrainRequest

Finding = Difference | str
"""What differs, or in words how much was compared and is the same."""

RESOURCES = ("seconds", "images_per_second", "memory_bytes", "device_memory_bytes")
"""Columns of a history that tell what a machine took for an epoch, not what came of it."""


@dataclass(frozen=True)
class Part:
    """A part of two runs: ``same``, ``different``, or ``missing`` where one of them has not come so far.

    ``detail`` tells how much was compared, or what differs first, with both values, or which run lacks it.
    """

    part: str
    outcome: Literal["same", "different", "missing"]
    detail: str


@dataclass(frozen=True)
class Comparison:
    """Two runs, part by part, in the order in which a part can follow from those before it."""

    first: RunFolder
    second: RunFolder
    parts: tuple[Part, ...]

    @property
    def difference(self) -> Part | None:
        """The first part that differs, from which the others may follow."""
        return next((part for part in self.parts if part.outcome == "different"), None)

    @property
    def sentence(self) -> str:
        """What came out, for a person."""
        if self.difference:
            return f"They differ first in {self.difference.part}: {self.difference.detail}."
        if lacking := [part.part for part in self.parts if part.outcome == "missing"]:
            return f"Nothing differs in what both have; not compared yet: {', '.join(lacking)}."
        return f"Runs '{self.first.id}' and '{self.second.id}' are the same, bit for bit."

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return {
            "first": self.first.id,
            "second": self.second.id,
            "same": self.difference is None,
            "parts": [asdict(part) for part in self.parts],
            "note": self.sentence,
        }


def compare(first: RunFolder, second: RunFolder) -> Comparison:
    """Compare two runs as far as both have come.  What an epoch took of time and memory is left out.

    Raises DermError where a run's record is damaged, or a file was changed since the run sealed it.
    """
    pair = (first, second)
    return Comparison(
        first,
        second,
        (
            _part("request", _requests(*pair)),
            _part("data", _data(*pair)),
            _stored("split", layout.SPLIT, pair, _splits),
            _part("environment", _environments(*pair)),
            _stored("plan", layout.PLAN, pair, _plans),
            _histories(*pair),
            _stored("weights", layout.MODEL, pair, _weights),
            _stored("predictions", layout.PREDICTIONS, pair, _predictions),
            _stored("evaluation", layout.EVALUATION, pair, _evaluations),
        ),
    )


def _part(name: str, finding: Finding) -> Part:
    return Part(name, "same" if isinstance(finding, str) else "different", str(finding))


def _stored(name: str, file: str, pair: tuple[RunFolder, RunFolder], look: Callable[[Path, Path], Finding]) -> Part:
    lacking = [run for run in pair if not run.has_sealed(file)]
    if lacking:
        return Part(name, "missing", _lacking(lacking))
    return _part(name, look(*(run.sealed(file) for run in pair)))


def _lacking(runs: list[RunFolder]) -> str:
    return "; ".join(f"run '{run.id}' is {run.status} and has none" for run in runs)


def _requests(first: RunFolder, second: RunFolder) -> Finding:
    # Read as a request, and the plan as a plan: what an older version of derm did not write down has its default.
    ours, theirs = (TrainRequest.from_json(run.record.request).to_json() for run in (first, second))
    return _named(_option, _facts(ours, theirs, "option"))


def _option(key: str) -> str:
    group, _, name = key.rpartition(".")
    if group == "augmentation":
        return f"--augment {name}"
    return "--phase" if name == "phase_options" else f"--{name.replace('_', '-')}"


def _data(first: RunFolder, second: RunFolder) -> Finding:
    # Twelve digits of a SHA-256 tell two datasets apart as well as all of them, and can be read.
    ours, theirs = ({name: each[:12] for name, each in run.record.data.items()} for run in (first, second))
    return _named(lambda name: f"the fingerprint of dataset '{name}'", _facts(ours, theirs, "dataset"))


def _named(name: Callable[[str], str], finding: Finding) -> Finding:
    return replace(finding, what=name(finding.what)) if isinstance(finding, Difference) else finding


def _environments(first: RunFolder, second: RunFolder) -> Finding:
    return _facts(first.record.environment, second.record.environment)


def _plans(first: Path, second: Path) -> Finding:
    ours, theirs = (Plan.from_json(_json(path)).to_json() for path in (first, second))
    return _facts(ours, theirs)


def _evaluations(first: Path, second: Path) -> Finding:
    return _facts(_json(first), _json(second), "figure")


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _facts(first: dict[str, Any], second: dict[str, Any], noun: str = "value") -> Finding:
    return between_facts(first, second) or counted(len(flat(first)), noun)


def _splits(first: Path, second: Path) -> Finding:
    ours, theirs = (_with_numbered_groups(_rows(path)) for path in (first, second))
    # Older versions did not write every column.
    one_has = {*(ours[0] if ours else ())} ^ {*(theirs[0] if theirs else ())}
    found = between_rows(ours, theirs, lambda row: f"case '{row['case_id']}' of '{row['dataset']}'", one_has)
    return found or counted(len(ours), "photograph")


def _with_numbered_groups(rows: list[Row], column: str = "group") -> list[Row]:
    """Return a table with its groups numbered as they come: their hashes are another user's and machine's."""
    numbers: dict[str, int] = {}
    return [
        row | {column: str(numbers.setdefault(row[column], len(numbers)))} if column in row else row for row in rows
    ]


def _histories(first: RunFolder, second: RunFolder) -> Part:
    """Compare the epochs that both have; that one has fewer is a difference only where it will have no more."""
    ours, theirs = _history(first), _history(second)
    both = min(len(ours), len(theirs))
    found = between_rows(ours[:both], theirs[:both], _epoch, RESOURCES)
    lacking = [run for run, rows in ((first, ours), (second, theirs)) if len(rows) == both and not run.finished]
    if found is None and len(ours) != len(theirs) and not lacking:
        found = Difference("the number of epochs", len(ours), len(theirs), f"the first {both} are the same")
    if found is None and lacking and (len(ours) != len(theirs) or not both):
        said = f"{counted(both, 'epoch')} the same; of more, " if both else ""
        return Part("history", "missing", said + _lacking(lacking))
    return _part("history", found or counted(both, "epoch"))


def _history(run: RunFolder) -> list[Row]:
    path = run / layout.HISTORY
    if run.has_sealed(layout.HISTORY):
        return _rows(run.sealed(layout.HISTORY))
    return _rows(path) if path.exists() else []


def _epoch(row: Row) -> str:
    stage, phase, epoch = (int(row[column]) + 1 for column in ("stage", "phase", "epoch"))
    return f"stage {stage} ({row['stage_name']}), phase {phase} ({row['phase_name']}), epoch {epoch}"


def _weights(first: Path, second: Path) -> Finding:
    ours, theirs = _variables(first), _variables(second)
    return between_variables(ours, theirs) or counted(len(ours), "variable")


def _variables(path: Path) -> Variables:
    backend.start()
    import keras

    model = keras.saving.load_model(path, compile=False)
    # Weights and statistics: the states of random generators are not stored with a model, and are new at each loading.
    return {variable.path: keras.ops.convert_to_numpy(variable) for variable in model.weights}


def _predictions(first: Path, second: Path) -> Finding:
    ours, theirs = (_with_numbered_groups(_rows(path), PATIENT) for path in (first, second))
    found = between_rows(ours, theirs, lambda row: f"case '{row[CASE]}'")
    return replace(found, extent=_moved(ours, theirs)) if found else counted(len(ours), "case")


def _moved(first: list[Row], second: list[Row]) -> str:
    """Return how far the predictions of the cases that both have are apart."""
    ours, theirs = ({row[CASE]: row for row in rows} for rows in (first, second))
    pairs = [(ours[case], theirs[case]) for case in ours if case in theirs]
    differing = len({*ours, *theirs}) - sum(one == other for one, other in pairs)
    answers = sum(one[PREDICTION] != other[PREDICTION] for one, other in pairs)
    largest = max(
        (
            abs(float(one[column]) - float(other[column]))
            for one, other in pairs
            for column in one
            if column.startswith(PROBABILITY) and column in other
        ),
        default=0.0,
    )
    cases = counted(len({*ours, *theirs}), "case")
    return f"{differing} of {cases} differ, a probability by {largest:.3g} at most, and {counted(answers, 'answer')}"


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]
