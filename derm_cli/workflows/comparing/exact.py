"""Compares two runs to the last bit, and finds where they differ first: ``derm runs compare --exact``."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from derm_cli.csv_cells import read_rows
from derm_cli.engine import backend
from derm_cli.evaluation.baseline_predictions import BASELINE
from derm_cli.evaluation.grouping import GROUP_COLUMNS, LESION
from derm_cli.evaluation.prediction_columns import CASE, PREDICTION, PROBABILITY
from derm_cli.nouns import counted
from derm_cli.plan import Plan
from derm_cli.plugin import read_keras_model
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_trained
from derm_cli.workflows.comparing.diff import (
    Difference,
    Row,
    Variables,
    difference_of_rows,
    difference_of_values,
    difference_of_variables,
    flattened,
)
from derm_cli.workflows.training.request import TrainRequest

Outcome = Difference | str
"""The first difference, or in words how much was compared and is the same."""

RESOURCES = ("seconds", "images_per_second", "memory_bytes", "device_memory_bytes")
"""Columns of a history that tell what a machine took for an epoch, not what came of it."""


@dataclass(frozen=True)
class ComparedPart:
    """One part of two runs, such as their plans or their weights.

    It is ``same``, ``different``, or ``missing`` where one of them has not come so far.
    ``detail`` tells how much was compared, or what differs first, with both values, or which run lacks it.
    """

    name: str
    outcome: Literal["same", "different", "missing"]
    detail: str

    def to_json(self) -> dict[str, str]:
        """Return the part as JSON values."""
        return {"part": self.name, "outcome": self.outcome, "detail": self.detail}


@dataclass(frozen=True)
class RunComparison:
    """Two runs, part by part, in the order in which a part can follow from those before it."""

    first: RunFolder
    second: RunFolder
    parts: tuple[ComparedPart, ...]

    @property
    def difference(self) -> ComparedPart | None:
        """The first part that differs, from which the others may follow."""
        return next((part for part in self.parts if part.outcome == "different"), None)

    @property
    def sentence(self) -> str:
        """What came out, for a person."""
        if self.difference:
            return f"They differ first in {self.difference.name}: {self.difference.detail}."
        if missing := [part.name for part in self.parts if part.outcome == "missing"]:
            return f"Nothing differs in what both have; not compared yet: {', '.join(missing)}."
        return f"Runs '{self.first.id}' and '{self.second.id}' are the same, bit for bit."

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return {
            "first": self.first.id,
            "second": self.second.id,
            "same": self.difference is None,
            "parts": [part.to_json() for part in self.parts],
            "note": self.sentence,
        }


def compare_runs(first: RunFolder, second: RunFolder) -> RunComparison:
    """Compare two runs as far as both have come.  What an epoch took of time and memory is left out.

    Raises DermError where a run's record is damaged, or a file was changed since the run sealed it.
    """
    pair = (first, second)
    for run in pair:
        require_trained(run)
    return RunComparison(
        first,
        second,
        (
            _part("request", _compare_requests(*pair)),
            _part("data", _compare_data(*pair)),
            _part_in_file("split", layout.SPLIT, pair, _compare_splits),
            _part("environment", _compare_environments(*pair)),
            _part_in_file("plan", layout.PLAN, pair, _compare_plans),
            _history_part(*pair),
            _part_in_file("weights", layout.MODEL, pair, _compare_weights),
            _predictions_part(*pair),
            *_parts_of_answers(pair),
            *_baselines_part(*pair),
            _part_in_file("evaluation", layout.EVALUATION, pair, _compare_evaluations),
        ),
    )


def _parts_of_answers(pair: tuple[RunFolder, RunFolder]) -> list[ComparedPart]:
    """Compare what runs whose models take answers have beside others, the predictions without and by them alone."""
    files = {"predictions without answers": layout.WITHOUT_ANSWERS, "predictions by answers": layout.ANSWERS_ALONE}
    return [
        _part_in_file(name, file, pair, _compare_predictions)
        for name, file in files.items()
        if any(run.has_sealed(file) for run in pair)
    ]


def _part(name: str, outcome: Outcome) -> ComparedPart:
    return ComparedPart(name, "same" if isinstance(outcome, str) else "different", str(outcome))


def _part_in_file(
    name: str, file: str, pair: tuple[RunFolder, RunFolder], compare: Callable[[Path, Path], Outcome]
) -> ComparedPart:
    without = [run for run in pair if not run.has_sealed(file)]
    if without:
        return ComparedPart(name, "missing", _why_missing(without))
    return _part(name, compare(*(run.sealed(file) for run in pair)))


def _baselines_part(first: RunFolder, second: RunFolder) -> tuple[ComparedPart, ...]:
    """Compare what baselines predicted; nothing of two runs without, one of which may be to get some."""
    with_some = [run for run in (first, second) if run.has_sealed(layout.BASELINES)]
    without = [run for run in (first, second) if run not in with_some]
    if not with_some:
        return ()
    if without and without[0].finished:
        ours, theirs = (len(_rows(run.sealed(layout.BASELINES))) if run in with_some else 0 for run in (first, second))
        difference = Difference("the number of answers of baselines", ours, theirs)
        return (_part("baselines", difference),)
    return (_part_in_file("baselines", layout.BASELINES, (first, second), _compare_baselines),)


def _compare_baselines(first: Path, second: Path) -> Outcome:
    ours, theirs = _rows(first), _rows(second)
    difference = difference_of_rows(ours, theirs, lambda row: f"baseline '{row[BASELINE]}' of case '{row[CASE]}'")
    return difference or counted(len(ours), "answer")


def _why_missing(runs: list[RunFolder]) -> str:
    return "; ".join(f"run '{run.id}' is {run.status} and has none" for run in runs)


def _compare_requests(first: RunFolder, second: RunFolder) -> Outcome:
    # Read as a request, and the plan as a plan: what an older version of derm did not write down has its default.
    ours, theirs = (TrainRequest.from_json(run.record.request).to_json() for run in (first, second))
    return _with_name(_option_of, _compare_values(ours, theirs, "option"))


def _option_of(key: str) -> str:
    group, _, name = key.rpartition(".")
    if group in ("augmentation", "augmentation.options"):
        return f"--augment {name}"
    return "--phase" if name == "phase_options" else f"--{name.replace('_', '-')}"


def _compare_data(first: RunFolder, second: RunFolder) -> Outcome:
    # Twelve digits of a SHA-256 tell two datasets apart as well as all of them, and can be read.
    ours, theirs = ({name: digest[:12] for name, digest in run.record.data.items()} for run in (first, second))
    return _with_name(lambda name: f"the fingerprint of dataset '{name}'", _compare_values(ours, theirs, "dataset"))


def _with_name(name_of: Callable[[str], str], outcome: Outcome) -> Outcome:
    """Call what differs by the name that its path has for a person."""
    return replace(outcome, name=name_of(outcome.name)) if isinstance(outcome, Difference) else outcome


def _compare_environments(first: RunFolder, second: RunFolder) -> Outcome:
    return _compare_values(first.record.environment, second.record.environment)


def _compare_plans(first: Path, second: Path) -> Outcome:
    ours, theirs = (Plan.from_json(_json(path)).to_json() for path in (first, second))
    return _compare_values(ours, theirs)


def _compare_evaluations(first: Path, second: Path) -> Outcome:
    # What stands in the place of a test is of other runs, and hangs on which there were.
    ours, theirs = ({**_json(path), "cross_validation": None} for path in (first, second))
    # Older versions did not measure everything.
    ours, theirs = ({name: each[name] for name in ours if name in theirs} for each in (ours, theirs))
    return _compare_values(ours, theirs, "figure")


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _compare_values(first: dict[str, Any], second: dict[str, Any], noun: str = "value") -> Outcome:
    return difference_of_values(first, second) or counted(len(flattened(first)), noun)


def _compare_splits(first: Path, second: Path) -> Outcome:
    ours, theirs = (_with_numbered_groups(_rows(path)) for path in (first, second))
    # Older versions did not write every column.
    in_one_alone = {*(ours[0] if ours else ())} ^ {*(theirs[0] if theirs else ())}
    difference = difference_of_rows(
        ours, theirs, lambda row: f"case '{row['case_id']}' of '{row['dataset']}'", in_one_alone
    )
    return difference or counted(len(ours), "photograph")


def _with_numbered_groups(rows: list[Row], column: str = "group") -> list[Row]:
    """Return a table with its groups numbered as they come: their hashes are another user's and machine's."""
    numbers: dict[str, int] = {}
    return [
        row | {column: str(numbers.setdefault(row[column], len(numbers)))} if column in row else row for row in rows
    ]


def _history_part(first: RunFolder, second: RunFolder) -> ComparedPart:
    """Compare the epochs that both have; that one has fewer is a difference only where it will have no more."""
    ours, theirs = _history(first), _history(second)
    common = min(len(ours), len(theirs))
    difference = difference_of_rows(ours[:common], theirs[:common], _epoch_name, RESOURCES)
    unfinished = [run for run, rows in ((first, ours), (second, theirs)) if len(rows) == common and not run.finished]
    if difference is None and len(ours) != len(theirs) and not unfinished:
        difference = Difference("the number of epochs", len(ours), len(theirs), f"the first {common} are the same")
    if difference is None and unfinished and (len(ours) != len(theirs) or not common):
        beginning = f"{counted(common, 'epoch')} the same; of more, " if common else ""
        return ComparedPart("history", "missing", beginning + _why_missing(unfinished))
    return _part("history", difference or counted(common, "epoch"))


def _history(run: RunFolder) -> list[Row]:
    path = run / layout.HISTORY
    if run.has_sealed(layout.HISTORY):
        return _rows(run.sealed(layout.HISTORY))
    return _rows(path) if path.exists() else []


def _epoch_name(row: Row) -> str:
    stage, phase, epoch = (int(row[column]) + 1 for column in ("stage", "phase", "epoch"))
    return f"stage {stage} ({row['stage_name']}), phase {phase} ({row['phase_name']}), epoch {epoch}"


def _compare_weights(first: Path, second: Path) -> Outcome:
    ours, theirs = _variables(first), _variables(second)
    return difference_of_variables(ours, theirs) or counted(len(ours), "variable")


def _variables(path: Path) -> Variables:
    backend.start()
    import keras

    model = read_keras_model(path)
    # Weights and statistics: the states of random generators are not stored with a model, and are new at each loading.
    return {variable.path: keras.ops.convert_to_numpy(variable) for variable in model.weights}


def _predictions_part(first: RunFolder, second: RunFolder) -> ComparedPart:
    runs = (first, second)
    if all(run.finished and not run.plan.keeps_test_part for run in runs):
        return _part("predictions", "nobody was kept for a test")
    return _part_in_file("predictions", layout.PREDICTIONS, runs, _compare_predictions)


def _compare_predictions(first: Path, second: Path) -> Outcome:
    ours, theirs = map(_rows, (first, second))
    for column in GROUP_COLUMNS:
        ours, theirs = _with_numbered_groups(ours, column), _with_numbered_groups(theirs, column)
    # Older versions did not tell the lesions of a patient apart.
    in_one_alone = {LESION} & ({*(ours[0] if ours else ())} ^ {*(theirs[0] if theirs else ())})
    difference = difference_of_rows(ours, theirs, lambda row: f"case '{row[CASE]}'", in_one_alone)
    return replace(difference, extent=_extent_of(ours, theirs)) if difference else counted(len(ours), "case")


def _extent_of(first: list[Row], second: list[Row]) -> str:
    """Return how far the predictions of the cases that both have are apart."""
    ours, theirs = ({row[CASE]: row for row in rows} for rows in (first, second))
    pairs = [(ours[case], theirs[case]) for case in ours if case in theirs]
    differing = len({*ours, *theirs}) - sum(our == their for our, their in pairs)
    answers = sum(our[PREDICTION] != their[PREDICTION] for our, their in pairs)
    largest = max(
        (
            abs(float(our[column]) - float(their[column]))
            for our, their in pairs
            for column in our
            if column.startswith(PROBABILITY) and column in their
        ),
        default=0.0,
    )
    cases = counted(len({*ours, *theirs}), "case")
    return f"{differing} of {cases} differ, a probability by {largest:.3g} at most, and {counted(answers, 'answer')}"


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return read_rows(file)
