"""A head that begins with a regression: the regression itself, and a phase that begins with it."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from derm_cli.engine.features import predict_probabilities
from derm_cli.engine.head_start import regression
from tests.support.tiny_network import TINY, TrainingLog, made_stage, trainer_for

DRAW = np.random.default_rng(4)
LABELS = DRAW.integers(0, 3, 90)
FEATURES = DRAW.normal(size=(90, 6)) * 10.0 ** np.arange(-2, 4) + LABELS[:, np.newaxis] * np.arange(6) + 50


def softmax(scores):
    exact = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exact / exact.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (3.0, 0.5, 1.0)])
def test_it_is_scikit_learn_s_on_standardized_features(weights):
    coefficients, offsets = regression(FEATURES, LABELS, np.array(weights), 0.3)
    scaler = StandardScaler().fit(FEATURES)
    model = LogisticRegression(C=0.3, max_iter=1000, class_weight=dict(enumerate(weights)))
    model.fit(scaler.transform(FEATURES), LABELS)
    expected = model.predict_proba(scaler.transform(FEATURES))
    np.testing.assert_allclose(softmax(FEATURES @ coefficients + offsets), expected, atol=1e-3)


def test_two_classes_and_a_constant_feature():
    features, labels = np.c_[FEATURES, np.full(90, 7.0)], LABELS % 2
    coefficients, offsets = regression(features, labels, np.ones(2), 1.0)
    scaled = StandardScaler().fit_transform(FEATURES)
    expected = LogisticRegression(C=1.0, max_iter=1000).fit(scaled, labels).predict_proba(scaled)
    np.testing.assert_allclose(softmax(features @ coefficients + offsets), expected, atol=1e-3)
    assert not coefficients[-1].any()


def test_a_class_without_a_photograph_is_never_the_answer():
    coefficients, offsets = regression(FEATURES, LABELS, np.ones(5), 1.0)
    scores = FEATURES @ coefficients + offsets
    assert set(scores.argmax(axis=1)) <= {0, 1, 2}
    assert np.isfinite(scores).all()


def test_one_class_alone_gives_a_constant():
    coefficients, offsets = regression(FEATURES, np.zeros(90, dtype=int), np.ones(2), 1.0)
    assert not coefficients.any()
    assert offsets[0] > offsets[1]


@pytest.mark.parametrize("by_stage", [False, True])
def test_a_phase_begins_with_it_and_goes_on_from_there(photographs, by_stage):
    from derm_cli.engine.stage_inputs import ComputeOptions

    stage = made_stage([()], epochs=1, head_rate=1e-9, head_start=10.0, augment=False)
    trainer = trainer_for(TINY, photographs, stage, ComputeOptions(by_stage=by_stage))
    trainer.train(TrainingLog())
    pixels, labels = photographs
    assert (predict_probabilities(trainer.network, pixels, False).argmax(axis=1) == labels).mean() > 0.9


def test_frozen_norms_keep_every_bit_of_a_norm_in_a_block_that_learns(photographs):
    import keras

    stage = made_stage([("block2", "block1")], epochs=1, frozen_norms=True)
    trainer = trainer_for(TINY, photographs, stage)
    norms = [each for each in trainer.network.model.layers if isinstance(each, keras.layers.BatchNormalization)]
    before = [np.array(value) for norm in norms for value in norm.variables]

    trainer.train(TrainingLog())
    after = [np.array(value) for norm in norms for value in norm.variables]
    assert norms
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
