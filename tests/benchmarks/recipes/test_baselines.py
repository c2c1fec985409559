"""Each baseline answers the test part of a fold from what it is given alone."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.recipes import baselines, frozen_features
from benchmarks.recipes.folds import FoldTable
from benchmarks.recipes.methods import BASELINES
from benchmarks.recipes.task import FoldTask
from derm_cli.evaluation.predictions import read_predictions


@pytest.fixture
def task(tmp_path, table, monkeypatch):
    """A task whose photographs' features and patients' answers tell the class."""

    def compute(photographs, _backbone):
        labels = dict(zip(table.files.tolist(), table.class_indices.tolist(), strict=True))
        numbers = [labels[str(each.relative_to(tmp_path))] for each in photographs]
        return np.eye(3)[numbers] + np.random.default_rng(0).normal(0, 0.1, (len(numbers), 3))

    monkeypatch.setattr(frozen_features, "compute", compute)
    table.write(tmp_path / "folds.csv")
    answers = np.stack([table.class_indices == label for label in range(3)], axis=1).astype(np.float64)
    monkeypatch.setattr(baselines, "answer_numbers", lambda _root, _dataset, _cases, _training: answers)
    return FoldTask(
        method="",
        dataset="ham10000",
        root=str(tmp_path),
        folds=str(tmp_path / "folds.csv"),
        fold=1,
        seed=0,
        backbone="b",
        size=32,
        epochs=1,
        kept=str(tmp_path / "kept"),
        predictions=str(tmp_path / "predictions.csv"),
    )


@pytest.mark.parametrize("method", BASELINES)
def test_a_baseline_answers_the_test_part(tmp_path, table, task, method):
    given = FoldTask(**{**vars(task), "method": method})
    given.write(tmp_path / "task.json")
    baselines.main(FoldTask.read(tmp_path / "task.json"))
    answered = read_predictions(tmp_path / "predictions.csv")
    assert answered.case_ids == tuple(table.case_ids[table.is_test(1)].tolist())
    right = (answered.predictions == answered.labels).mean()
    assert (right > 0.9) == (method != "most-frequent")


def test_the_most_frequent_class_is_that_of_the_training_part():
    labels, test = np.array([0, 0, 0, 1, 1, 2]), np.array([True, True, False, False, False, True])
    assert baselines.shares_of_classes(labels, test, 3).tolist() == [[1 / 3, 2 / 3, 0]] * 3


def test_features_follow_their_cases_in_whatever_order_the_folds_have_them(tmp_path, table, task):
    reverse = FoldTable(*(values[::-1] for values in vars(table).values()))
    for each in (table, reverse):
        features = baselines._features(task, each, each.is_test(1))
        assert np.array_equal(features.argmax(axis=1), each.class_indices)
