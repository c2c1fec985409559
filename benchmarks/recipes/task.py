"""What a process that answers one fold is told, and how it hands over what it answered."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recipes.folds import FoldTable
from derm_cli.evaluation.array_types import Flags, Floats, Strings
from derm_cli.evaluation.predictions import Predictions, write_predictions


@dataclass(frozen=True, kw_only=True)
class FoldTask:
    """A method without derm on one fold: where its photographs and folds are, its numbers, and what it writes.

    ``root`` is the dataset's folder, ``folds`` the file of its folds, ``kept`` a folder for what later tasks use
    again.  ``epochs`` and ``size`` are those of the plain script.
    """

    method: str
    dataset: str
    root: str
    folds: str
    fold: int
    seed: int
    backbone: str
    size: int
    epochs: int
    kept: str
    predictions: str

    def write(self, path: Path) -> None:
        """Write the task to ``path`` as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> FoldTask:
        """Read a task back."""
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(**values)

    def photographs(self, table: FoldTable) -> list[Path]:
        """Return the files of the photographs of ``table``."""
        return [Path(self.root, file) for file in table.files.tolist()]

    def hand_over(self, table: FoldTable, test: Flags, probabilities: Floats) -> None:
        """Write the ``probabilities`` of the test cases, (m, classes), as a predictions table."""
        predictions = predictions_of(table.case_ids[test], table.labels[test], table.classes, probabilities)
        write_predictions(predictions, Path(self.predictions))


def predictions_of(case_ids: Strings, labels: Strings, classes: tuple[str, ...], probabilities: Floats) -> Predictions:
    """Return a table that predicts the most probable class of each case."""
    predicted = np.array(classes)[probabilities.argmax(axis=1)]
    return Predictions(classes, tuple(case_ids.tolist()), labels, predicted, probabilities)
