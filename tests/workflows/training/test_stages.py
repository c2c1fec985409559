"""A run's stages are trained one after another, but for those that a checkpoint or the stage store has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.engine import backend
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.position import Position
from derm_cli.runs import layout
from derm_cli.runs.stage_store import StageStore
from tests.support.tiny_job import PLAN, make_job, make_samples, weights_of

backend.start()

from derm_cli.workflows.training import stages  # noqa: E402
from derm_cli.workflows.training.stages import run_stages, stage_facts, stage_inputs, stage_seed  # noqa: E402


def assert_same(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_stage_is_trained_recorded_and_kept(tmp_path):
    job = make_job(tmp_path)
    network = run_stages(job)
    assert job.stages == [{"name": each, "source": "trained", "run": "one"} for each in ("first", "second")]
    assert [(row["stage"], row["phase"]) for row in job.history] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert len((job.run / layout.HISTORY).read_text().splitlines()) == 1 + 4
    assert Checkpoints(job.run.path).latest().position == Position(stage=2)
    assert [facts["stage"].stored_by for facts in job.session.registry.named("derm_stage_started")] == [None, None]
    assert len(list((tmp_path / "cache" / "stages").glob("*.bin"))) == 2
    outlines = StageStore(tmp_path / "cache", 1 << 30).outlines()
    assert outlines.keys() == {"outline of first", "outline of second"}
    assert network.model.output.shape == (None, 3)


def test_stages_of_another_run_are_taken_from_the_store(tmp_path):
    first = make_job(tmp_path)
    expected = weights_of(run_stages(first))
    second = make_job(tmp_path, "two")
    assert_same(weights_of(run_stages(second)), expected)
    assert second.stages == [{"name": each, "source": "store", "run": "one"} for each in ("first", "second")]
    assert second.history == first.history
    assert [facts["stage"].stored_by for facts in second.session.registry.named("derm_stage_started")] == ["one", "one"]
    assert second.session.registry.named("derm_epoch_ended") == []


def test_stages_after_the_last_that_is_asked_for_are_left_to_others(tmp_path):
    first = make_job(tmp_path, until=0)
    run_stages(first)
    assert first.stages == [{"name": "first", "source": "trained", "run": "one"}]
    # Gone on with once more, nothing is left to do.
    run_stages(make_job(tmp_path, checkpoint=Checkpoints(first.run.path).latest(), until=0))
    second = make_job(tmp_path, "two")
    run_stages(second)
    assert [each["source"] for each in second.stages] == ["store", "trained"]
    # The store has more than is asked for.
    third = make_job(tmp_path, "three", until=0)
    run_stages(third)
    assert [each["name"] for each in third.stages] == ["first"]


def test_the_last_stage_alone_is_trained_where_the_store_has_the_first(tmp_path):
    run_stages(make_job(tmp_path))
    longer = replace(PLAN.stages[1], phases=PLAN.stages[1].phases[:1])
    job = make_job(tmp_path, "two", replace(PLAN, stages=(PLAN.stages[0], longer)))
    run_stages(job)
    assert [each["source"] for each in job.stages] == ["store", "trained"]


def test_without_the_store_every_stage_is_trained_and_none_is_kept(tmp_path):
    run_stages(make_job(tmp_path))
    job = make_job(tmp_path, "two", use_store=False, keep_stages=False)
    run_stages(job)
    assert [each["source"] for each in job.stages] == ["trained", "trained"]


@pytest.mark.parametrize("stage", [0, 1])
def test_a_checkpoint_is_gone_on_with_to_the_same_bits(tmp_path, monkeypatch, stage):
    whole = make_job(tmp_path, use_store=False, keep_stages=False)
    expected = weights_of(run_stages(whole))
    broken = make_job(tmp_path, "two", use_store=False, keep_stages=False)
    tell = broken.session.registry.tell

    def stop_in_the_stage(event, **facts):
        tell(event, **facts)
        if event == "derm_epoch_ended" and (facts["epoch"].stage, facts["epoch"].phase) == (stage, 1):
            raise KeyboardInterrupt
        return {}

    monkeypatch.setattr(broken.session.registry, "tell", stop_in_the_stage)
    with pytest.raises(KeyboardInterrupt):
        run_stages(broken)
    checkpoint = Checkpoints(broken.run.path).latest()
    done = [(row["stage"], row["phase"]) for row in checkpoint.notes["history"]]
    resumed = make_job(tmp_path, "two", checkpoint=checkpoint, use_store=False, keep_stages=False)
    assert_same(weights_of(run_stages(resumed)), expected)
    assert [row["loss"] for row in resumed.history] == [row["loss"] for row in whole.history]
    assert len(resumed.stages) == 2
    # Hooks are told of the stage that is gone on with once more, and of what comes after the checkpoint.
    told = [(event, facts.get("stage") or facts["epoch"]) for event, facts in resumed.session.registry.calls]
    assert [each.index for event, each in told if event == "derm_stage_started"] == list(range(stage, 2))
    epochs = [(each.stage, each.phase) for event, each in told if event == "derm_epoch_ended"]
    assert done + epochs == [(row["stage"], row["phase"]) for row in whole.history]


def test_each_stage_has_a_seed_of_its_own_and_trains_on_its_own_part(tmp_path):
    job = make_job(tmp_path)
    first, second = (stage_inputs(job, index) for index in (0, 1))
    assert first.seed == stage_seed(PLAN.seed, 0) != second.seed == stage_seed(PLAN.seed, 1)
    assert second.photographs is job.run_data.training[1].photographs
    assert second.validation.photographs is job.run_data.stage_validation[1].photographs


def test_hooks_are_told_the_photographs_of_each_class_and_the_steps():
    facts = stage_facts(PLAN, 1, make_samples("second", 10), stored_by="one")
    assert facts.photographs == {"A": 4, "B": 3, "C": 3}
    assert (facts.index, facts.stage, facts.steps, facts.stored_by) == (1, PLAN.stages[1], 4, "one")


@pytest.mark.parametrize("augmented", [True, False])
def test_the_next_stage_is_compiled_ahead_where_that_pays(tmp_path, monkeypatch, augmented):
    monkeypatch.setattr(backend, "compiles_ahead", lambda: True)
    job = make_job(tmp_path, plan=PLAN if augmented else replace(PLAN, augmentation=None))
    assert stages._next_trainer(job, 2) is None, "there is no stage after the last"
    trainer = stages._next_trainer(job, 1)
    assert (trainer is not None) == augmented
    if augmented:
        assert trainer.stage == PLAN.stages[1]
