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
from derm_cli.evaluation.metrics.classification import evaluate
from derm_cli.evaluation.predictions import Predictions, write_predictions
from derm_cli.taxonomy import SEVERITIES

ROUNDS = 3
LIMIT = 20.0
"""Seconds in which the table must be evaluated on two cores."""


@dataclass(frozen=True)
class Case:
    """A made table: so many cases, two a patient, of so many classes; and so many draws.

    The loop of scikit-learn makes ``tried`` draws; all of them would take hours.
    """

    cases: int = 100_000
    classes: int = 13
    draws: int = 2000
    tried: int = 2


def measure(folder: Path, rounds: int = ROUNDS, case: Case = Case()) -> Report:
    """Judge the same made table in turns: by a loop, as figures alone, with all that a run is judged by, by command."""
    contest = _Contest(folder, case)
    contest.warm_up()
    sides = [contest.loop, contest.figures, contest.whole, contest.command]
    seconds = dict(zip(_Contest.NAMES, in_turns(rounds, sides), strict=True))
    made = f"{case.cases:,} made (synthetic) cases of {case.classes} classes, two a patient, {case.draws:,} draws"
    title = f"Evaluation: {made}; {rounds} rounds in turns"
    loop = seconds[_Contest.NAMES[0]]
    rows = [[name, Spread.of(taken).text(1), ratio(loop, taken).text(0)] for name, taken in seconds.items()]
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
        "figures of each class and overall, with intervals",
        "the same with triage, slices, calibration, sets",
        "derm evaluate --predictions, as a command",
    )

    def __init__(self, folder: Path, case: Case) -> None:
        self._case, self._folder = case, folder
        self._test, self._validation = _made(case, 0), _made(replace(case, cases=case.cases // 10), 1)
        self._severities = {name: SEVERITIES[place % 3] for place, name in enumerate(self._test.classes)}
        self._groups = {name: f"group {place // 2}" for place, name in enumerate(self._test.classes)}
        self._files = [folder / "test.csv", folder / "validation.csv"]
        for table, file in zip((self._test, self._validation), self._files, strict=True):
            write_predictions(table, file)

    def warm_up(self) -> None:
        """Import what is imported at first use."""
        judge(_made(Case(cases=500, classes=4), 2), {}, draws=10)
        self._draw(np.arange(len(self._test.labels)))

    def loop(self) -> float:
        """Draw patients and ask scikit-learn for the same figures, as one would in a few lines."""
        patients, place = np.unique(self._test.about["patient"], return_inverse=True)
        members = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
        generator, started = np.random.default_rng(0), time.monotonic()
        for _ in range(self._case.tried):
            drawn = generator.integers(len(patients), size=len(patients))
            self._draw(np.concatenate([members[each] for each in drawn]))
        return (time.monotonic() - started) * self._case.draws / self._case.tried

    def _draw(self, rows: np.ndarray) -> None:
        from sklearn import metrics

        truth, said = self._test.labels[rows], self._test.predictions[rows]
        assert self._test.probabilities is not None
        found = self._test.probabilities[rows]
        metrics.confusion_matrix(truth, said)
        metrics.cohen_kappa_score(truth, said)
        metrics.matthews_corrcoef(truth, said)
        for place, name in enumerate(self._test.classes):
            metrics.roc_auc_score(truth == name, found[:, place])
            metrics.average_precision_score(truth == name, found[:, place])

    def figures(self) -> float:
        return _seconds(lambda: evaluate(self._test, self._case.draws))

    def whole(self) -> float:
        asked = (self._test, self._severities, self._validation, self._case.draws)
        return _seconds(lambda: judge(*asked, groups=self._groups))

    def command(self) -> float:
        test, validation = map(str, self._files)
        draws = str(self._case.draws)
        asked = [DERM, "evaluate", "--predictions", test, "--validation", validation, "--draws", draws]
        return run(asked, environment(), self._folder).seconds


def _made(case: Case, seed: int) -> Predictions:
    """Draw labels, probabilities that know something of them, and what slices are cut by."""
    generator = np.random.default_rng(seed)
    names = np.array([f"class-{place:02}" for place in range(case.classes)])
    truth = generator.integers(case.classes, size=case.cases)
    scores = generator.gamma(0.5, size=(case.cases, case.classes))
    scores[np.arange(case.cases), truth] += 0.7
    found = scores / scores.sum(axis=1, keepdims=True)
    values = {"sex": 2, "age": 90, "site": 8, "fitzpatrick": 6, "image_type": 2}
    about = {name: generator.integers(count, size=case.cases).astype(str) for name, count in values.items()}
    return Predictions(
        classes=tuple(names.tolist()),
        case_ids=tuple(f"case-{place}" for place in range(case.cases)),
        labels=names[truth],
        predictions=names[found.argmax(axis=1)],
        probabilities=found,
        about={"patient": np.array([f"patient-{place // 2}" for place in range(case.cases)]), **about},
    )


def _seconds(function: Callable[[], object]) -> float:
    started = time.monotonic()
    function()
    return time.monotonic() - started
