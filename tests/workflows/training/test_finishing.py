"""A trained network becomes a finished run: model, predictions, evaluation, seal."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.position import Position
from derm_cli.runs import layout
from derm_cli.runs.record import FINISHED, PrecisionCheck
from tests.support.tiny_job import make_job
from tests.support.tiny_network import TINY

backend.start()

from derm_cli.engine.network import add_head  # noqa: E402
from derm_cli.workflows.training.finishing import _in_float32, _precision_effect, finish  # noqa: E402


@pytest.fixture
def job(tmp_path):
    return make_job(tmp_path)


@pytest.fixture
def network(job):
    return add_head(job.backbone, TINY, 3)


def test_a_run_is_finished_and_all_its_files_are_sealed(job, network):
    job.history = [{"stage": 0, "seconds": 1.25}, {"stage": 1, "seconds": 2.5}]
    job.stages = [
        {"name": "first", "source": "store", "run": "another"},
        {"name": "second", "source": "trained", "run": "one"},
    ]
    Checkpoints(job.run.path).save(Position(stage=2), [np.zeros(1)], {})
    finish(job, network)
    record = job.run.record
    assert record.status == FINISHED
    assert record.seconds_training == 2.5, "a stage of the store was trained by another run"
    assert [vars(stage) for stage in record.stages] == job.stages
    assert record.precision == PrecisionCheck("float32", max_difference=0.0, agreement=1.0)
    assert {layout.MODEL, layout.PREDICTIONS, layout.EVALUATION} <= set(record.files)
    assert Checkpoints(job.run.path).latest() is None
    evaluation = json.loads((job.run / layout.EVALUATION).read_text())
    assert evaluation["cases"] == 12
    ((name, facts),) = job.session.registry.calls
    assert name == "derm_run_finished"
    assert facts["evaluation"]["cases"] == 12


def test_a_network_in_fewer_bits_is_stored_in_float32_with_its_weights(job, network):
    assert _in_float32(job, network) is network
    job.execution = replace(job.execution, precision="bfloat16")
    exact = _in_float32(job, network)
    assert exact is not network
    for ours, theirs in zip(exact.model.weights, network.model.weights, strict=True):
        np.testing.assert_array_equal(np.array(ours), np.array(theirs))


def test_the_effect_of_a_precision_is_told_on_the_test_photographs(job, network):
    pixels = job.run_data.test.photographs.take(np.arange(12)).astype("float32")
    exact = np.array(network.model(pixels))
    job.execution = replace(job.execution, precision="bfloat16")
    effect = _precision_effect(job, network, job.run_data.test, exact)
    assert effect == PrecisionCheck("bfloat16", max_difference=pytest.approx(0, abs=1e-5), agreement=1.0)
    other_classes = _precision_effect(job, network, job.run_data.test, 1 - exact)
    assert other_classes.agreement < 1


def without_test(job, **run_data):
    """Return the job of a plan that keeps nobody for a test."""
    plan = replace(job.plan, test_share=0.0)
    (job.run / layout.PLAN).write_text(json.dumps(plan.to_json()))
    job.run.seal(layout.PLAN)
    test = replace(job.run_data.test, labels=job.run_data.test.labels[:0], photographs=Photographs(()))
    job.prepared = replace(job.prepared, plan=plan)
    job.run_data = replace(job.run_data, test=test, **run_data)
    return job


@pytest.mark.parametrize("has_validation", [True, False])
def test_a_run_that_keeps_nobody_for_a_test_has_its_model_and_no_metric(job, network, has_validation):
    job = without_test(job, **({} if has_validation else {"target_validation": None}))
    job.execution = replace(job.execution, precision="bfloat16")
    finish(job, network)
    record = job.run.record
    assert record.status == FINISHED
    assert layout.MODEL in record.files
    assert not {layout.PREDICTIONS, layout.CONFUSION} & set(record.files)
    assert (layout.VALIDATION in record.files) is has_validation
    evaluation = json.loads((job.run / layout.EVALUATION).read_text())
    assert (evaluation["cases"], evaluation["accuracy"]) == (0, None)
    assert evaluation["temperature"]["value"] > 0
    # What the precision changes is told on the validation part, if there is one.
    assert (record.precision is not None) is has_validation
