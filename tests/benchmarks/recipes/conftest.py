"""A small table of folds, predictions on it, and a stand-in for the processes that the benchmark starts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.recipes.folds import FoldTable
from benchmarks.recipes.running import FOLDS
from benchmarks.recipes.task import FoldTask, predictions_of
from derm_cli.evaluation.predictions import Predictions, write_predictions

CLASSES = ("BCC", "MEL", "NEV")


def fold_table(seed: int = 0, cases: int = 36, folds: int = 2) -> FoldTable:
    """Return cases of three classes, two a patient, in as many folds."""
    numbers = np.arange(cases)
    order = np.random.default_rng(seed).permutation(cases // 2)
    return FoldTable(
        np.array([f"c{number:02}" for number in numbers]),
        np.array([f"images/c{number:02}.png" for number in numbers]),
        np.array([CLASSES[number // 2 % 3] for number in numbers]),
        np.array([f"g{number // 2}" for number in numbers]),
        order[numbers // 2] % folds + 1,
    )


class FakeProcesses:
    """Writes what the processes of derm and of the benchmarks would; ``commands`` are those that were started."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.failing: str = ""

    def __call__(self, command: list[str], folder: Path) -> float:
        self.commands.append(command)
        if self.failing and self.failing in " ".join(command):
            raise RuntimeError(f"'{self.failing}' ended with 1:\nno luck")
        if FOLDS in command:
            fold_table(int(command[7])).write(Path(command[-1]))
        elif "train" in command:
            fold, _, _ = command[command.index("--fold") + 1].partition("/")
            run = Path(command[command.index("--runs") + 1]) / "run"
            run.mkdir(parents=True)
            (run / "run.json").write_text("{}")
            write_predictions(
                self.predictions(int(command[command.index("--seed") + 1]), int(fold)), run / "predictions.csv"
            )
        else:
            task = FoldTask.read(Path(command[-1]))
            write_predictions(self.predictions(task.seed, task.fold), Path(task.predictions))
        return 7.0

    def predictions(self, seed: int, fold: int) -> Predictions:
        """Return noisy answers for a fold, better the later the process was started, in another order of classes."""
        table, generator = fold_table(seed), np.random.default_rng(len(self.commands))
        test = table.is_test(fold)
        scores = generator.gamma(1.0, size=(int(test.sum()), 3))
        scores[np.arange(len(scores)), table.class_indices[test]] += 0.2 * len(self.commands)
        probabilities = scores / scores.sum(axis=1, keepdims=True)
        return predictions_of(table.case_ids[test], table.labels[test], CLASSES[::-1], probabilities[:, ::-1])


@pytest.fixture
def processes() -> FakeProcesses:
    return FakeProcesses()


@pytest.fixture
def table() -> FoldTable:
    return fold_table()
