"""What a look at the validation part says, against scikit-learn and the network's own answers."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import balanced_accuracy_score, log_loss

from derm_cli.engine.cutting import cut_network
from derm_cli.engine.network import add_head
from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.engine.validating import Validation, Validator, validation_metrics
from tests.support.tiny_network import TINY, TrainingLog, made_photographs, made_stage, trainer_for


# Of answers that are no label of the part, and of parts with one label: what scikit-learn says is right all the same.
@pytest.mark.filterwarnings("ignore::UserWarning:sklearn")
@given(classes=st.integers(2, 6), count=st.integers(1, 40), missing=st.booleans(), seed=st.integers(0, 99))
def test_loss_and_balanced_accuracy_are_scikit_learn_s(classes, count, missing, seed):
    draw = np.random.default_rng(seed)
    labels = draw.integers(int(missing), classes, count).astype("int32")
    logits = draw.normal(0, 2, (count, classes))
    found = validation_metrics(logits, labels)
    probabilities = softmax(logits, axis=1)
    assert found.loss == pytest.approx(log_loss(labels, probabilities, labels=range(classes)), rel=1e-6)
    assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, logits.argmax(axis=1)))


def test_logits_far_from_0_give_the_exact_loss():
    found = validation_metrics(np.float32([[1000, 0], [-1000, 0]]), np.int32([1, 1]))
    assert (found.loss, found.balanced_accuracy) == (500.0, 0.5)


@pytest.mark.parametrize("memory", [0, 1 << 30], ids=["read anew", "features kept"])
@pytest.mark.parametrize("blocks", [(), ("block2",), ("block2", "block1", "stem")], ids=lambda blocks: blocks[-1:])
def test_a_look_sees_the_network_s_own_answers(photographs, blocks, memory):
    pixels, labels = photographs
    network = add_head(TINY.build(16, None), TINY, 3)
    network.unfreeze(blocks, 0.9)
    validator = Validator(cut_network(network, blocks), Validation(pixels, labels), memory, compiled=False)
    everything, draw = pixels.take(np.arange(48)).astype("float32"), np.random.default_rng(0)
    for _ in range(2):
        probabilities = network.model.predict(everything, verbose=0)
        found = validator.validate()
        assert found.loss == pytest.approx(log_loss(labels, probabilities), rel=1e-4)
        assert found.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, probabilities.argmax(axis=1)))
        # The next look is at the weights as they are then, of what may move.
        for variable in network.model.trainable_variables:
            variable.assign_add(draw.normal(0, 0.3, variable.shape))


@pytest.mark.parametrize("memory", [0, 1 << 30], ids=["read anew", "features kept"])
def test_a_look_that_was_prepared_traces_nothing_more(photographs, memory, monkeypatch):
    network = add_head(TINY.build(16, None), TINY, 3)
    network.unfreeze(("block2",), 0.9)
    validator = Validator(cut_network(network, ("block2",)), Validation(*photographs), memory, compiled=False)
    expected = Validator(cut_network(network, ("block2",)), Validation(*photographs), memory, compiled=False).validate()
    validator.prepare()
    monkeypatch.setattr("derm_cli.engine.network.Network.apply_head", lambda *_: pytest.fail("traced"))
    monkeypatch.setattr(keras.Model, "__call__", lambda *_, **__: pytest.fail("traced"))
    assert validator.validate() == expected


def test_a_look_changes_nothing(photographs):
    pixels, labels = photographs
    network = add_head(TINY.build(16, None), TINY, 3)
    network.unfreeze(("block2", "block1"), 0.9)
    before = [np.array(variable) for variable in network.model.variables]
    validator = Validator(
        cut_network(network, ("block2", "block1")), Validation(pixels, labels), 1 << 30, compiled=False
    )
    assert validator.validate() == validator.validate()
    for one, variable in zip(before, network.model.variables, strict=True):
        np.testing.assert_array_equal(one, np.array(variable))


@pytest.mark.parametrize("by_stage", [False, True])
def test_each_epoch_is_looked_at_with_the_weights_that_the_phase_would_end_with(by_stage):
    """The last look of a phase is at the network that the next begins with, moving averages where it ends with them."""
    validation, looks = made_photographs(30), []
    pixels, labels = validation

    def look(position):
        if not position.epoch and not position.step:
            looks.append(log_loss(labels, trainer.trained.model.predict(everything, verbose=0)))

    everything = pixels.take(np.arange(30)).astype("float32")
    stage = made_stage([(), ("block2",)], epochs=2, ema=0.9)
    trainer = trainer_for(
        TINY, made_photographs(), stage, ComputeOptions(by_stage=by_stage), validation=Validation(*validation)
    )
    log = TrainingLog(look)
    trainer.train(log)
    last = [epoch.validation.loss for epoch in log.epochs if epoch.epoch == 1]
    np.testing.assert_allclose(last, looks, rtol=1e-4)
