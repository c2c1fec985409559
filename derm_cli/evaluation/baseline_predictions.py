"""What baselines predicted for the test cases of a run, beside its own predictions: ``baselines.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from derm_cli.csv_cells import inert, read_rows
from derm_cli.errors import DermError
from derm_cli.evaluation.array_types import Floats
from derm_cli.evaluation.prediction_columns import CASE, PROBABILITY
from derm_cli.evaluation.predictions import Predictions
from derm_cli.files import whole

BASELINE = "baseline"
"""The column that names the baseline of a row."""


@dataclass(frozen=True)
class BaselinePredictions:
    """What the baseline ``name`` predicted, and what is known of it.

    ``title`` is what it is called in a sentence, ``how`` says in words how it was fitted, ``facts`` the same for a
    program, as JSON values.  ``predictions`` is None where it could not be computed; ``reason`` then says why, to stand
    behind a colon.
    """

    name: str
    title: str
    how: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    predictions: Predictions | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what is known of it as JSON values; :func:`read_baselines` is the way back."""
        if self.predictions is None:
            return {"title": self.title, "reason": self.reason}
        return {"title": self.title, "how": self.how, "facts": dict(self.facts)}


def with_probabilities(test: Predictions, probabilities: Floats) -> Predictions:
    """Return the table of another classifier of the same cases, by its ``probabilities``, float64 (n, classes)."""
    predicted = np.array(test.classes)[probabilities.argmax(axis=1)]
    return Predictions(test.classes, test.case_ids, test.labels, predicted, probabilities, test.metadata)


def write_baselines(baselines: Iterable[BaselinePredictions], path: Path) -> None:
    """Write the probabilities of all baselines, a row for each baseline and case; nothing where no baseline has any."""
    tables = {each.name: each.predictions for each in baselines if each.predictions is not None}
    if not tables:
        return
    classes = next(iter(tables.values())).classes
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([CASE, BASELINE, *(PROBABILITY + name for name in classes)])
        for name, table in tables.items():
            assert table.probabilities is not None
            # tolist() gives Python floats, which csv writes by repr: the same number when it is read.
            rows = zip(table.case_ids, table.probabilities.tolist(), strict=True)
            writer.writerows([inert(case), name, *numbers] for case, numbers in rows)


def read_baselines(
    path: Path | None, test: Predictions, known: Mapping[str, Mapping[str, Any]]
) -> tuple[BaselinePredictions, ...]:
    """Return the baselines of the cases of ``test``, in the order of ``known``, which has what is known of each.

    ``path`` is None where none has predictions.  Raises DermError where a case has no row.
    """
    probabilities: dict[str, dict[str, list[float]]] = {}
    if path is not None:
        with path.open(encoding="utf-8", newline="") as file:
            for row in read_rows(file):
                numbers = [float(row[PROBABILITY + name]) for name in test.classes]
                probabilities.setdefault(row[BASELINE], {})[row[CASE]] = numbers

    def table_of(name: str) -> Predictions | None:
        if name not in probabilities:
            return None
        lacking = next((case for case in test.case_ids if case not in probabilities[name]), None)
        if lacking is not None:
            raise DermError(f"'{path}' has no row of baseline '{name}' for case '{lacking}': train again.")
        return with_probabilities(test, np.array([probabilities[name][case] for case in test.case_ids]))

    return tuple(
        BaselinePredictions(
            name,
            str(facts.get("title", name)),
            str(facts.get("how", "")),
            facts.get("facts", {}),
            table_of(name),
            str(facts.get("reason", "")),
        )
        for name, facts in known.items()
    )
