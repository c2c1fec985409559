"""Losses against their equations, computed by hand in NumPy."""

import numpy as np
import pytest

from derm_cli.plugin import LossFacts
from derm_recipes.specs import LOSSES

COUNTS = (80, 15, 5)
LOGITS = np.array([[2.0, 0.5, -1.0], [0.0, 0.0, 0.0], [-1.0, 3.0, 0.2]])
TARGETS = np.array([[1.0, 0.0, 0.0], [0.0, 0.3, 0.7], [0.0, 1.0, 0.0]])


def losses(name, progress=0.0, counts=COUNTS, **options):
    spec = next(each for each in LOSSES if each.name == name)
    loss = spec.build(spec.component(options).options, LossFacts(counts=counts))
    return np.array(loss(TARGETS.astype("float32"), LOGITS.astype("float32"), np.float32(progress)))


def softmax(logits):
    exact = np.exp(logits)
    return exact / exact.sum(axis=1, keepdims=True)


def cross_entropy(targets, logits):
    return -(targets * np.log(softmax(logits))).sum(axis=1)


def test_cross_entropy():
    np.testing.assert_allclose(losses("cross-entropy"), cross_entropy(TARGETS, LOGITS), rtol=1e-5)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_class_weights_are_1_on_average_over_the_photographs(power):
    weights = np.array(COUNTS, dtype=float) ** -power
    weights *= 100 / (weights * COUNTS).sum()
    assert (weights * COUNTS).sum() == pytest.approx(100)
    np.testing.assert_allclose(
        losses("class-weighted", power=power), cross_entropy(TARGETS * weights, LOGITS), rtol=1e-5
    )


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal(gamma):
    p = softmax(LOGITS)
    np.testing.assert_allclose(
        losses("focal", gamma=gamma), -(TARGETS * (1 - p) ** gamma * np.log(p)).sum(1), rtol=1e-4
    )


@pytest.mark.parametrize("tau", [0.0, 1.0, 1.5])
def test_logit_adjustment_adds_the_log_of_the_frequencies(tau):
    prior = np.array([0.8, 0.15, 0.05])
    np.testing.assert_allclose(LossFacts(counts=COUNTS).log_prior, np.log(prior))
    adjusted = cross_entropy(TARGETS, LOGITS + tau * np.log(prior))
    np.testing.assert_allclose(losses("logit-adjusted", tau=tau), adjusted, rtol=1e-5)


def test_with_tau_1_it_is_the_balanced_softmax():
    """Ren et al. 2020, equation 4: n_y exp(z_y) / sum_c n_c exp(z_c)."""
    weighted = np.array(COUNTS) * np.exp(LOGITS)
    expected = -(TARGETS * np.log(weighted / weighted.sum(axis=1, keepdims=True))).sum(axis=1)
    np.testing.assert_allclose(losses("logit-adjusted"), expected, rtol=1e-5)


def test_ldam_has_wider_margins_for_rarer_classes_and_re_weights_late():
    margins = np.array(COUNTS, dtype=float) ** -0.25
    margins *= 0.5 / margins.max()
    early = cross_entropy(TARGETS, LOGITS - TARGETS * margins)
    np.testing.assert_allclose(losses("ldam", progress=0.79), early, rtol=1e-5)
    weights = (1 - 0.9999) / (1 - 0.9999 ** np.array(COUNTS))
    weights *= 3 / weights.sum()
    late = cross_entropy(TARGETS * weights, LOGITS - TARGETS * margins)
    np.testing.assert_allclose(losses("ldam", progress=0.8), late, rtol=1e-4)
    scaled = cross_entropy(TARGETS, 2 * (LOGITS - TARGETS * margins))
    np.testing.assert_allclose(losses("ldam", scale=2.0), scaled, rtol=1e-4)


@pytest.mark.parametrize("name", [each.name for each in LOSSES])
def test_a_class_without_a_photograph_makes_no_loss_that_is_no_number(name):
    assert np.isfinite(losses(name, progress=1.0, counts=(100, 0, 3))).all()
