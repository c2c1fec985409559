import numpy as np
import pytest
from tiny_network import Notebook, trainer_for, weights

from derm_cli.engine.lesson import Means
from derm_cli.errors import DermError
from derm_cli.plugin import STEM


def assert_same_bits(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_learns(tiny, photographs, stage):
    notebook = Notebook()
    trainer_for(tiny, photographs, stage(epochs=12), augmentation=None).train(notebook)
    epochs = notebook.epochs
    assert [(each.phase, each.epoch) for each in epochs] == [(p, e) for p in range(3) for e in range(12)]
    assert epochs[-1].loss < 0.5 < epochs[0].loss
    assert epochs[-1].accuracy > 0.9
    assert {each.images for each in epochs} == {48}


def test_frozen_blocks_do_not_move_and_unfrozen_ones_do(tiny, photographs, stage):
    trainer = trainer_for(tiny, photographs, stage(blocks=(("block2",),)))
    blocks = trainer.network.blocks
    before = {name: [v.numpy() for v in trainer.network.variables(name)] for name in blocks}
    trainer.train(Notebook())
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
        trainer.train(Notebook())
        assert layer.momentum == momentum
        assert trainer.network.model.get_layer("block1_bn").momentum == 0.75, "a frozen layer is left as it is"
        entering = keras.Model(trainer.network.model.input, layer.input)
        pixels, _ = photographs
        seen = entering.predict(pixels.take(np.arange(len(pixels))).astype("float32"), verbose=0)
        return np.abs(layer.moving_mean.numpy() - seen.mean(axis=(0, 1, 2))).mean()

    import keras

    assert distance(0.5) < distance(0.99) / 2


def test_a_frozen_block_that_moves_is_an_error(tiny, photographs, stage):
    trainer = trainer_for(tiny, photographs, stage(blocks=((),)))
    statistics = trainer.network.model.get_layer("block1_bn").moving_mean
    with pytest.raises(DermError, match="A frozen block moved in phase 'p0'"):
        trainer.train(Notebook(lambda _: statistics.assign(statistics + 1)))


def test_head_and_blocks_learn_at_their_own_rates(tiny, photographs, stage):
    """Adam's first step is the learning rate itself, whatever the gradient."""
    trainer = trainer_for(tiny, (photographs[0], photographs[1]), stage(blocks=(("block2",),), epochs=1), per_class=16)
    trainer.network.unfreeze(("block2",), 0.9)
    paths = [v.path for v in trainer.network.model.trainable_variables]
    before = [v.numpy() for v in trainer.network.model.trainable_variables]
    trainer.train(Notebook())
    for path, old, new in zip(paths, before, trainer.network.model.trainable_variables, strict=True):
        if path.endswith("conv/bias"):  # BatchNorm takes it out again: its gradient is nothing but rounding
            continue
        step = np.abs(new.numpy() - old).max()
        assert step == pytest.approx(1e-2 if path.startswith("class_map") else 1e-3, rel=0.02), path


def test_the_same_seed_gives_the_same_bits(tiny, photographs, stage):
    runs = []
    for _ in range(2):
        trainer = trainer_for(tiny, photographs, stage())
        trainer.train(Notebook())
        runs.append(weights(trainer))
    assert_same_bits(*runs)


def test_photographs_window_by_window_give_the_bits_of_resident_ones(tiny, photographs, stage):
    runs = []
    for means in (Means(), Means(resident_bytes=0, window_bytes=3 * 6 * 16 * 16 * 3)):
        trainer = trainer_for(tiny, photographs, stage(epochs=1), means)
        trainer.train(Notebook())
        assert trainer.programs._photographs.resident == (means == Means())
        runs.append(weights(trainer))
    assert trainer.programs._photographs.window_steps == 3
    assert_same_bits(*runs)


def test_a_loss_that_is_no_number_ends_the_stage(tiny, photographs, stage):
    trainer = trainer_for(tiny, photographs, stage(head_rate=1e30, block_rate=1e30, epochs=3))
    with pytest.raises(DermError, match=r"The loss became '(nan|inf)' in stage 'made'.*--head-rate"):
        trainer.train(Notebook())
