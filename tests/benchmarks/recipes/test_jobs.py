"""A finished job is not done again; one of which anything is different is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.recipes.jobs import Job, JobResult, ResultStore
from benchmarks.recipes.methods import Form, Method
from benchmarks.recipes.task import predictions_of

METHOD = Method(name="strong", title="t", kind="derm", arguments=("--recipe", "strong"), values={"phase": ("a=1",)})
JOB = Job(method=METHOD, dataset="pad-ufes-20", fold=1, seed=0, form=Form())


@pytest.fixture
def result():
    predictions = predictions_of(np.array(["a", "b"]), np.array(["x", "y"]), ("x", "y"), np.array([[0.3, 0.7], [0, 1]]))
    return JobResult(predictions, 12.5)


def test_a_result_is_read_as_it_was_stored(tmp_path, result):
    store = ResultStore(tmp_path)
    assert store.get(JOB) is None
    store.put(JOB, result)
    stored = ResultStore(tmp_path).get(JOB)
    assert stored is not None
    assert stored.seconds == 12.5
    assert stored.predictions.case_ids == ("a", "b")
    assert np.array_equal(stored.predictions.probabilities, result.predictions.probabilities)


@pytest.mark.parametrize(
    "other",
    [
        replace(JOB, fold=2),
        replace(JOB, seed=1),
        replace(JOB, dataset="ham10000"),
        replace(JOB, form=Form(epochs=1)),
        replace(JOB, form=Form(folds=2)),
        replace(JOB, method=replace(METHOD, values={"phase": ("a=2",)})),
        replace(JOB, method=replace(METHOD, arguments=("--recipe", "strong", "--metadata", "auto"))),
    ],
)
def test_a_job_that_differs_has_a_result_of_its_own(tmp_path, result, other):
    store = ResultStore(tmp_path)
    store.put(JOB, result)
    assert store.get(other) is None
    assert store.path(other) != store.path(JOB)


def test_what_changes_no_result_does_not_matter(tmp_path, result):
    store = ResultStore(tmp_path)
    store.put(JOB, result)
    assert store.get(replace(JOB, form=Form(seeds=9), method=replace(METHOD, title="other words"))) is not None


def test_a_result_that_was_not_written_to_its_end_is_none(tmp_path, result):
    store = ResultStore(tmp_path)
    store.put(JOB, result)
    store.path(JOB).with_suffix(".json").unlink()
    assert store.get(JOB) is None
