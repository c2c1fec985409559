"""How often every other interval of evaluation.json holds: those of triage, calibration, costs and the rest.

Each stands beside what it is the interval of, so evaluation.json itself tells which there are: none is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from benchmarks.coverage.forms import Form, column
from benchmarks.coverage.populations import Population, class_names, large_table, population
from benchmarks.coverage.populations import Table as DrawnTable
from benchmarks.coverage.tallies import Tally, table_of
from benchmarks.report import Table
from derm_cli.console import progress
from derm_cli.evaluation.array_types import Floats
from derm_cli.evaluation.assumptions import Assumptions
from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.predictions import Predictions
from derm_cli.taxonomy import BENIGN, MALIGNANT

CLASSES = 5
SAMENESS = 0.5
LARGER = 3
"""By how much more photographs the tables have: of 300 malignant patients are too few for most of these intervals."""
VALIDATION = 1500
"""The photographs of the validation part, by which the thresholds of all tables of a cell are chosen."""
REPEATED = 200_000
"""The photographs of the table that tells how a population's patients do."""
DRAWS = 400
"""Draws of the bootstrap: enough for its coverage, and few enough to wait for."""
PART = 0.25
"""The part of a form's data sets that is judged: to judge by every measure takes a hundred times as long."""
OTHERWISE = ("per_class", "promise", "promises", "refused", "differences")
"""Where the other simulations look: the metrics of classes, what thresholds promise, and comparisons."""
OWN = {
    "auc_interval": ("auc",),
    "coverage_interval": ("coverage",),
    "accuracy_interval": ("accuracy",),
    "balanced_accuracy_interval": ("balanced_accuracy",),
    "malignant_interval": ("malignant_sensitivity",),
    "interval": ("cost", "accuracy"),
}
"""What an interval is of that stands by itself: the first of these that stands beside it."""
WITHIN = ("shares", "coverage_by_class", "sensitivity")
"""Where the values stand of which ``intervals`` has the intervals, unless beside them."""
NAMES = ("name", "value", "target", "threshold", "low", "confidence")
"""What tells the entries of a list apart."""

Path = tuple[Any, ...]
"""Keys of evaluation.json, and of an entry of a list what tells it apart, as a tuple."""


@dataclass(frozen=True)
class Placed:
    """An interval of evaluation.json, None where none is given: its place, and the name of what it is of."""

    path: Path
    name: str
    interval: tuple[float, float] | None

    @property
    def row(self) -> str:
        """The place by its keys, of all classes, thresholds and bins alike."""
        parts = [name for part in self.path for name in (part if isinstance(part, tuple) else (part,))]
        names = [name for name in parts if isinstance(name, str) and name not in class_names(CLASSES)]
        last = self.name.partition(" class")[0]
        return ".".join([*names, "of a class" if last in class_names(CLASSES) else last])


def printed_tables(form: Form) -> Iterator[Table]:
    """Yield a table with a row for each kind of interval."""
    tallies: dict[str, dict[str, Tally]] = {}
    sets = max(1, round(form.sets * PART))
    for most in form.most:
        drawn = population(CLASSES, most, sameness=SAMENESS if most > 1 else 0.0)
        for name, tally in coverage(drawn, sets, form.seed).items():
            tallies.setdefault(name, {})[column(most, drawn.sameness)] = tally
    title = f"Coverage of all other intervals of evaluation.json, in %; {CLASSES} classes, {sets} data sets a cell"
    yield table_of(title, "", tallies)


def coverage(of: Population, sets: int, seed: int, draws: int = DRAWS) -> dict[str, Tally]:
    """Return how often the intervals of so many tables hold, by their place in evaluation.json."""
    generator, tallies = np.random.default_rng([seed, of.most]), dict[str, Tally]()
    truth = Truth.of(of)
    for _ in progress(range(sets), "Simulating tables", total=sets, delay=5):
        judgement = judged(of_table(replace(of, photographs=LARGER * of.photographs).draw(generator)), of, draws)
        values = judgement.to_json()
        for each in placed_in(values):
            true = truth.value(each, values)
            if true is not None:
                low, high = each.interval or (0.0, 0.0)
                held = None if each.interval is None else low <= true <= high
                tallies.setdefault(each.row, Tally()).count(held)
    return tallies


def judged(test: Predictions, of: Population, draws: int) -> Judgement:
    """Judge a table by every measure; thresholds are chosen on one validation part for all tables of a population."""
    rare, *others = class_names(CLASSES)[2:]
    malignant = class_names(CLASSES)[1:3]
    severities = {name: MALIGNANT if name in malignant else BENIGN for name in class_names(CLASSES)}
    assumed = Assumptions.of([f"{rare}=0.02", f"{MALIGNANT}=0.1"], [f"{rare}=20"])
    return judge(
        test, severities, _validation(of), draws, coarse_diagnoses=dict.fromkeys(others, "common"), assumptions=assumed
    )


@cache
def _validation(of: Population) -> Predictions:
    return of_table(replace(of, photographs=VALIDATION).draw(np.random.default_rng(7)))


def of_table(table: DrawnTable) -> Predictions:
    """Return a table as derm reads it, with a column that cuts its patients by chance."""
    predictions, count = table.predictions(), int(table.patients.max()) + 1
    sexes = np.array(["female", "male"])[np.random.default_rng(count).integers(2, size=count)]
    return replace(predictions, metadata={**predictions.metadata, "sex": sexes[table.patients]})


def placed_in(values: Any, path: Path = ()) -> Iterator[Placed]:
    """Yield every interval in evaluation.json but those that other simulations look at, also those that are not given.

    Raises KeyError for one of which it is not known what it is of.
    """
    if isinstance(values, list):
        for each in values:
            yield from placed_in(each, (*path, _names_of(each)))
    elif isinstance(values, dict):
        for key, each in values.items():
            if key in OWN:
                yield Placed(path, next(name for name in OWN[key] if name in values), _ends(each))
            elif key.startswith("intervals") and path:
                yield from _within(values, each, path)
            elif key not in OTHERWISE or (key == "per_class" and path):
                yield from placed_in(each, (*path, key))


def _within(values: Mapping[str, Any], intervals: Mapping[str, Any], path: Path) -> Iterator[Placed]:
    """Yield the given intervals, and those of which ``no_interval`` says why they are not."""
    for name, each in intervals.items():
        if _value(values, name) is None:
            raise KeyError(f"{path}: {name}")
        yield Placed(path, name, _ends(each))
    withheld = values.get("no_interval")
    if isinstance(withheld, str):
        withheld = [name for name, each in values.items() if isinstance(each, float)]
    yield from (Placed(path, name, None) for name in withheld or () if name not in intervals)


def _names_of(each: Any) -> tuple[Any, ...]:
    """Return what tells an entry of a list apart; predictive values have a threshold beside their name."""
    if not isinstance(each, dict):
        return ()
    found = tuple(each[name] for name in NAMES if each.get(name) is not None)
    return found if "prevalence" in each else found[:1]


def _ends(interval: Any) -> tuple[float, float] | None:
    return None if interval is None else (interval[0], interval[1])


def _value(values: Mapping[str, Any], name: str) -> float | None:
    """Return the value that an interval of this name is of, None where it is undefined, or not there."""
    for among in (values, *(values[key] for key in WITHIN if isinstance(values.get(key), Mapping))):
        for key in (name, name.removeprefix("sensitivity ")):
            if isinstance(among.get(key), float | int):
                return float(among[key])
    return None


@dataclass(frozen=True)
class Truth:
    """The judgement of a population, as JSON values, and of its patients; ``table`` is the population itself."""

    values: Mapping[str, Any]
    of_patients: Mapping[str, Any]
    table: DrawnTable

    @classmethod
    def of(cls, of: Population) -> Truth:
        """Judge a very large table of independent photographs, and one of patients with several."""
        table = large_table(of)
        patients = replace(of, photographs=REPEATED).draw(np.random.default_rng(11)) if of.most > 1 else table
        alone, repeated = (judged(of_table(each), of, 0).to_json() for each in (table, patients))
        return cls(alone, repeated, table)

    def value(self, each: Placed, sample: Mapping[str, Any]) -> float | None:
        """Return what the interval should hold, None where the population has no such thing."""
        if each.path[0] == "abstention":
            return self._answered(float(each.path[1][0]))[each.name]
        if each.path[-1] == ("one answer",):
            return float(self._shares @ np.array(sample["expected_cost"]["costs"])[:, self._class(sample)])
        values: Any = self.of_patients if each.path[0] == "repeated_photographs" else self.values
        for part in each.path:
            entries = {_names_of(entry): entry for entry in values} if isinstance(values, list) else values
            values = entries.get(part)
            if values is None:
                return None
        return _value(values, each.name)

    @property
    def _shares(self) -> Floats:
        return np.bincount(self.table.labels, minlength=CLASSES) / len(self.table.labels)

    @staticmethod
    def _class(sample: Mapping[str, Any]) -> int:
        return class_names(CLASSES).index(sample["expected_cost"]["single"])

    def _answered(self, confidence: float) -> dict[str, float]:
        """Return how the cases of at least that confidence fare."""
        confidences, cases, hits = self._by_confidence
        first = int(confidences.searchsorted(confidence))
        of_class, right = cases[-1] - cases[first], hits[-1] - hits[first]
        has = of_class > 0
        return {
            "accuracy": float(right.sum() / of_class.sum()),
            "balanced_accuracy": float((right[has] / of_class[has]).mean()),
        }

    @cached_property
    def _by_confidence(self) -> tuple[Floats, Floats, Floats]:
        """The rising confidences, and of the cases below each those of every class, and the right ones of these."""
        probabilities, labels = self.table.probabilities[0], self.table.labels
        confidences = probabilities.max(axis=1)
        order = np.argsort(confidences)
        is_class = labels[order, np.newaxis] == np.arange(CLASSES)
        right = (probabilities.argmax(axis=1) == labels)[order, np.newaxis]
        cases, hits = (np.pad(each.cumsum(axis=0), ((1, 0), (0, 0))) for each in (is_class, is_class & right))
        return confidences[order], cases, hits
