from dataclasses import replace
from itertools import pairwise

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.engine.validating import Validation
from derm_cli.errors import DermError
from derm_cli.plan import PAPER_AUGMENTATION, Phase, Stage
from derm_cli.plugin import STEM
from tests.support.tiny_network import CLASSES, TINY, TrainingLog, made_photographs, phase_options, trainer_for, weights


def assert_same_bits(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_learns(tiny, photographs, stage):
    log = TrainingLog()
    trainer_for(tiny, photographs, stage(epochs=12), augmentation=None).train(log)
    epochs = log.epochs
    assert [(each.phase, each.epoch) for each in epochs] == [(p, e) for p in range(3) for e in range(12)]
    assert epochs[-1].loss < 0.5 < epochs[0].loss
    assert epochs[-1].accuracy > 0.9
    assert {each.images for each in epochs} == {48}


def test_frozen_blocks_do_not_move_and_unfrozen_ones_do(tiny, photographs, stage):
    trainer = trainer_for(tiny, photographs, stage(blocks=(("block2",),)))
    blocks = trainer.network.blocks
    before = {name: [v.numpy() for v in trainer.network.variables(name)] for name in blocks}
    trainer.train(TrainingLog())
    after = {name: [v.numpy() for v in trainer.network.variables(name)] for name in blocks}
    for name in ("block1", STEM):
        assert_same_bits(before[name], after[name])
    for name in ("block2", "head"):
        assert all((one != other).any() for one, other in zip(before[name], after[name], strict=True))


def test_unfrozen_statistics_are_those_of_the_last_steps_and_not_of_the_first(tiny, photographs, stage):
    """A phase may have few steps: statistics that keep 0.99 at each are still those of the weights before it."""

    def distance(momentum):
        trainer = trainer_for(
            tiny, photographs, stage(blocks=(("block2",),)), augmentation=None, norm_momentum=momentum
        )
        layer = trainer.network.model.get_layer("block2_bn")
        trainer.train(TrainingLog())
        assert layer.momentum == momentum
        assert trainer.network.model.get_layer("block1_bn").momentum == 0.75, "a frozen layer is left as it is"
        entering = keras.Model(trainer.network.model.input, layer.input)
        pixels, _ = photographs
        seen = entering.predict(pixels.take(np.arange(len(pixels))).astype("float32"), verbose=0)
        return np.abs(layer.moving_mean.numpy() - seen.mean(axis=(0, 1, 2))).mean()

    import keras

    assert distance(0.5) < distance(0.99) / 2


SMALL = made_photographs(12)
BLOCKS = ("block2", "block1", STEM)


@st.composite
def schedules(draw):
    """Draw a stage whose phases unfreeze any blocks, in any order, by any options."""
    rates = st.floats(1e-4, 1e-1)
    phases = tuple(
        Phase(
            name=f"p{number}",
            blocks=tuple(draw(st.lists(st.sampled_from(BLOCKS), unique=True))),
            epochs=draw(st.integers(1, 2)),
            head_rate=draw(rates),
            block_rate=draw(rates),
            options=phase_options(
                annealing=draw(st.sampled_from(["constant", "cosine"])),
                mixup=draw(st.sampled_from([0.0, 0.3])),
                dropout=draw(st.sampled_from([0.0, 0.3])),
                clip_norm=draw(st.sampled_from([0.0, 0.5])),
                ema=draw(st.sampled_from([0.0, 0.6])),
                best_epoch=draw(st.booleans()),
            ),
        )
        for number in range(draw(st.integers(1, 2)))
    )
    return Stage(name="drawn", datasets=("drawn",), classes=CLASSES, phases=phases)


def by_block(model):
    """Return the weights and statistics of a network, by the block that their names begin with."""
    values = {name: [] for name in ("stem", "block1", "block2", "class")}
    for variable in model.variables:
        values.get(variable.path.partition("_")[0], []).append(np.array(variable))
    return values


def moved_blocks(before, after):
    return {
        name for name, values in after.items() if any((o != n).any() for o, n in zip(before[name], values, strict=True))
    }


# What fails is not shrunk: that would take a hundred trainings.
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[hypothesis.Phase.generate])
@given(drawn=schedules(), by_stage=st.booleans(), augmented=st.booleans())
def test_a_phase_moves_its_blocks_and_the_head_and_not_a_bit_of_the_others(drawn, by_stage, augmented):
    """By a look of the test's own after each phase: the engine's check is off."""
    trainer = trainer_for(
        TINY,
        SMALL,
        drawn,
        ComputeOptions(by_stage=by_stage, frozen_check=False),
        augmentation=PAPER_AUGMENTATION if augmented else None,
        validation=Validation(*SMALL),
    )
    looks = [by_block(trainer.trained.model)]

    def look(position):
        if not position.epoch and not position.step:
            looks.append(by_block(trainer.trained.model))

    trainer.train(TrainingLog(look))
    assert [moved_blocks(*pair) for pair in pairwise(looks)] == [{"class", *phase.blocks} for phase in drawn.phases]
    assert moved_blocks(looks[-1], by_block(trainer.network.model)) == set()


@pytest.mark.parametrize("by_stage", [False, True])
def test_a_frozen_block_that_moves_is_an_error(tiny, photographs, stage, by_stage):
    trainer = trainer_for(tiny, photographs, stage(blocks=((),)), ComputeOptions(by_stage=by_stage))
    statistics = trainer.trained.model.get_layer("block1_bn").moving_mean
    with pytest.raises(DermError, match="A frozen block moved in phase 'p0' of stage 'made'"):
        trainer.train(TrainingLog(lambda _: statistics.assign(statistics + 1)))


def test_without_the_check_nobody_looks_at_frozen_blocks(tiny, photographs, stage, monkeypatch):
    monkeypatch.setattr("derm_cli.engine.frozen_check.weights_hash", lambda _: pytest.fail("looked at"))
    trainer = trainer_for(tiny, photographs, stage(blocks=((),)), ComputeOptions(frozen_check=False))
    statistics = trainer.network.model.get_layer("block1_bn").moving_mean
    trainer.train(TrainingLog(lambda _: statistics.assign(statistics + 1)))
    assert (np.array(statistics) > 0).all()


def test_head_and_blocks_learn_at_their_own_rates(tiny, photographs, stage):
    """Adam's first step is the learning rate itself, whatever the gradient."""
    trainer = trainer_for(tiny, (photographs[0], photographs[1]), stage(blocks=(("block2",),), epochs=1), per_class=16)
    trainer.network.unfreeze(("block2",), 0.9)
    paths = [v.path for v in trainer.network.model.trainable_variables]
    before = [v.numpy() for v in trainer.network.model.trainable_variables]
    trainer.train(TrainingLog())
    for path, old, new in zip(paths, before, trainer.network.model.trainable_variables, strict=True):
        if path.endswith("conv/bias"):  # BatchNorm takes it out again: its gradient is nothing but rounding
            continue
        step = np.abs(new.numpy() - old).max()
        assert step == pytest.approx(1e-2 if path.startswith("class_map") else 1e-3, rel=0.02), path


def test_the_same_seed_gives_the_same_bits(tiny, photographs, stage):
    runs = []
    for _ in range(2):
        trainer = trainer_for(tiny, photographs, stage())
        trainer.train(TrainingLog())
        runs.append(weights(trainer))
    assert_same_bits(*runs)


@pytest.mark.parametrize("by_stage", [False, True])
def test_photographs_window_by_window_give_the_bits_of_resident_ones(tiny, photographs, stage, by_stage):
    found = []
    for compute in (ComputeOptions(), ComputeOptions(resident_bytes=0, window_bytes=3 * 6 * 16 * 16 * 3)):
        log = TrainingLog()
        trainer = trainer_for(tiny, photographs, stage(epochs=1), replace(compute, by_stage=by_stage))
        trainer.train(log)
        assert trainer.programs._photographs.resident == (compute == ComputeOptions())
        found.append((weights(trainer), [(epoch.loss, epoch.accuracy) for epoch in log.epochs]))
    assert trainer.programs._photographs.window_steps == 3
    (resident, history), (windowed, again) = found
    assert history == again
    assert_same_bits(resident, windowed)


def test_a_loss_that_is_no_number_ends_the_stage(tiny, photographs, stage):
    trainer = trainer_for(tiny, photographs, stage(head_rate=1e30, block_rate=1e30, epochs=3))
    with pytest.raises(DermError, match=r"The loss became '(nan|inf)' in stage 'made'.*--head-rate"):
        trainer.train(TrainingLog())
