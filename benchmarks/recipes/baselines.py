"""The baselines, on one fold: ``python -m benchmarks.recipes.baselines TASK.json``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.recipes.folds import FoldTable
from benchmarks.recipes.frozen_features import SIDE, kept_features
from benchmarks.recipes.methods import ANSWERS, FEATURES, FEATURES_AND_ANSWERS, MOST_FREQUENT
from benchmarks.recipes.patient_answers import answer_numbers
from benchmarks.recipes.task import FoldTask
from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.workflows.training.regression import regress


def main(task: FoldTask) -> None:
    """Answer the test part of the task's fold by its baseline, and hand the probabilities over."""
    table = FoldTable.read(Path(task.folds))
    test, labels = table.is_test(task.fold), table.class_indices
    if task.method == MOST_FREQUENT:
        probabilities = shares_of_classes(labels, test, len(table.classes))
    else:
        inputs = np.concatenate([block(task, table, test) for block in BLOCKS[task.method]], axis=1)
        train, classes = ~test, len(table.classes)
        probabilities = regress(
            inputs[train], labels[train], table.groups[train], inputs[test], classes=classes, seed=task.seed
        ).probabilities
    task.hand_over(table, test, probabilities)


def shares_of_classes(labels: Indices, test: Flags, classes: int) -> Floats:
    """Return for each test case the shares of the classes in the training part, (m, classes)."""
    counts = np.bincount(labels[~test], minlength=classes).astype(np.float64)
    return np.tile(counts / counts.sum(), (int(test.sum()), 1))


def _answers(task: FoldTask, table: FoldTable, test: Flags) -> Floats:
    return answer_numbers(Path(task.root), task.dataset, table.case_ids.tolist(), ~test)


def _features(task: FoldTask, table: FoldTable, test: Flags) -> Floats:  # noqa: ARG001
    """Return the frozen features.  They are kept by case, for the folds of each seed list cases in another order."""
    order = np.argsort(table.case_ids)
    photographs = task.photographs(table)
    path = Path(task.kept) / f"features-{task.dataset}-{task.backbone}-{SIDE}.npy"
    in_order = kept_features([photographs[row] for row in order.tolist()], task.backbone, path)
    features = np.empty_like(in_order)
    features[order] = in_order
    return features


BLOCKS = {FEATURES: (_features,), ANSWERS: (_answers,), FEATURES_AND_ANSWERS: (_features, _answers)}
"""What each regression is given."""


if __name__ == "__main__":
    main(FoldTask.read(Path(sys.argv[1])))
