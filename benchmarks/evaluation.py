"""A large predictions table judged with its bootstrap, against a loop of scikit-learn over draws."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.processes import DERM, environment, run
from benchmarks.ratios import Spread, in_turns, ratio
from benchmarks.report import Report, Table
from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.predictions import Predictions, write_predictions
from derm_cli.taxonomy import SEVERITIES

ROUNDS = 3
LIMIT = 20.0
"""Seconds in which the table must be evaluated on two cores."""


@dataclass(frozen=True)
class Case:
    """A synthetic table: so many cases, two a patient, of so many classes; and so many draws.

    The loop of scikit-learn makes ``tried`` draws; all of them would take hours.
    """

    cases: int = 100_000
    classes: int = 13
    draws: int = 2000
    tried: int = 2


def measure(folder: Path, rounds: int = ROUNDS, case: Case = Case()) -> Report:
    """Judge the same synthetic table in turns: by a loop, by metrics alone, by all measures, by the command."""
    contest = _Contest(folder, case)
    contest.warm_up()
    sides = [contest.loop, contest.metrics, contest.whole, contest.command]
    seconds = dict(zip(_Contest.NAMES, in_turns(rounds, sides), strict=True))
    what = f"{case.cases:,} synthetic cases of {case.classes} classes, two a patient, {case.draws:,} draws"
    title = f"Evaluation: {what}; {rounds} rounds in turns"
    loop = seconds[_Contest.NAMES[0]]
    rows = [[name, Spread.of(each).text(1), ratio(loop, each).text(0)] for name, each in seconds.items()]
    notes = [
        f"The loop made {case.tried} draws of each round; its seconds are those, times {case.draws / case.tried:g}."
    ]
    slowest = max(seconds[_Contest.NAMES[1]])
    if slowest > LIMIT:
        notes.append(f"SLOW: figures took {slowest:.1f} s, more than {LIMIT:g} s.")
    table = Table(title, ["", "s", "times as fast as the loop"], rows)
    return Report([table], notes, {"rounds": rounds, "cases": case.cases, "draws": case.draws, "seconds": seconds})


class _Contest:
    """What is compared, on the same table; each returns the seconds that it took."""

    NAMES = (
        "a loop of scikit-learn over draws (from a few)",
        "metrics of each class and overall, with intervals",
        "the same with triage, subgroups, calibration, sets",
        "derm evaluate --predictions, as a command",
    )

    def __init__(self, folder: Path, case: Case) -> None:
        self._case, self._folder = case, folder
        self._test, self._validation = (
            _synthetic_table(case, 0),
            _synthetic_table(replace(case, cases=case.cases // 10), 1),
        )
        self._severities = {name: SEVERITIES[class_index % 3] for class_index, name in enumerate(self._test.classes)}
        self._coarse = {name: f"group {class_index // 2}" for class_index, name in enumerate(self._test.classes)}
        self._files = [folder / "test.csv", folder / "validation.csv"]
        for table, file in zip((self._test, self._validation), self._files, strict=True):
            write_predictions(table, file)

    def warm_up(self) -> None:
        """Import what is imported at first use."""
        judge(_synthetic_table(Case(cases=500, classes=4), 2), {}, draws=10)
        self._compute(np.arange(len(self._test.labels)))

    def loop(self) -> float:
        """Draw patients and ask scikit-learn for the same metrics, as one would in a few lines."""
        patients, of_case = np.unique(self._test.metadata["patient"], return_inverse=True)
        members = np.split(np.argsort(of_case, kind="stable"), np.cumsum(np.bincount(of_case))[:-1])
        generator, started = np.random.default_rng(0), time.monotonic()
        for _ in range(self._case.tried):
            drawn = generator.integers(len(patients), size=len(patients))
            self._compute(np.concatenate([members[patient] for patient in drawn]))
        return (time.monotonic() - started) * self._case.draws / self._case.tried

    def _compute(self, rows: np.ndarray) -> None:
        from sklearn import metrics

        truth, predicted = self._test.labels[rows], self._test.predictions[rows]
        assert self._test.probabilities is not None
        probabilities = self._test.probabilities[rows]
        metrics.confusion_matrix(truth, predicted)
        metrics.cohen_kappa_score(truth, predicted)
        metrics.matthews_corrcoef(truth, predicted)
        for class_index, name in enumerate(self._test.classes):
            metrics.roc_auc_score(truth == name, probabilities[:, class_index])
            metrics.average_precision_score(truth == name, probabilities[:, class_index])

    def metrics(self) -> float:
        return _seconds(lambda: evaluation_of(self._test, self._case.draws))

    def whole(self) -> float:
        tables = (self._test, self._severities, self._validation, self._case.draws)
        return _seconds(lambda: judge(*tables, coarse_diagnoses=self._coarse))

    def command(self) -> float:
        test, validation = map(str, self._files)
        draws = str(self._case.draws)
        command = [DERM, "evaluate", "--predictions", test, "--validation", validation, "--draws", draws]
        return run(command, environment(), self._folder).seconds


def _synthetic_table(case: Case, seed: int) -> Predictions:
    """Draw labels, probabilities that know something of them, and the columns that subgroups are formed by."""
    generator = np.random.default_rng(seed)
    names = np.array([f"class-{index:02}" for index in range(case.classes)])
    truth = generator.integers(case.classes, size=case.cases)
    scores = generator.gamma(0.5, size=(case.cases, case.classes))
    scores[np.arange(case.cases), truth] += 0.7
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    values = {"sex": 2, "age": 90, "site": 8, "fitzpatrick": 6, "image_type": 2}
    metadata = {name: generator.integers(count, size=case.cases).astype(str) for name, count in values.items()}
    return Predictions(
        classes=tuple(names.tolist()),
        case_ids=tuple(f"case-{seed}-{index}" for index in range(case.cases)),
        labels=names[truth],
        predictions=names[probabilities.argmax(axis=1)],
        probabilities=probabilities,
        metadata={"patient": np.array([f"patient-{seed}-{index // 2}" for index in range(case.cases)]), **metadata},
    )


def _seconds(function: Callable[[], object]) -> float:
    started = time.monotonic()
    function()
    return time.monotonic() - started
