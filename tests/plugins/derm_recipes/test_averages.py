"""Averages: the weights of the steps give the averages of their sources."""

import numpy as np
import pytest

from derm_recipes.specs import AVERAGES


def weights(name, steps, epochs, **options):
    spec = next(each for each in AVERAGES if each.name == name)
    return spec.build(spec.component(options).options).weights(steps, epochs)


def average(values, each):
    found = 0.0
    for value, weight in zip(values, each, strict=True):
        found = (1 - weight) * found + weight * value
    return found


VALUES = np.random.default_rng(3).normal(size=24)


def test_none_keeps_no_average():
    assert AVERAGES[0].build({}) is None


def test_ema_begins_with_the_first_weights():
    expected = VALUES[0]
    for value in VALUES[1:]:
        expected = 0.9 * expected + 0.1 * value
    assert average(VALUES, weights("ema", 4, 6, decay=0.9)) == pytest.approx(expected)


def test_a_ramp_keeps_less_at_first():
    kept = 1 - weights("ema", 4, 6, decay=0.5, ramp=True)
    assert kept[1:4] == pytest.approx([2 / 11, 3 / 12, 4 / 13])
    assert kept[-1] == 0.5


@pytest.mark.parametrize(("start", "epochs"), [(0.5, (3, 4, 5)), (0.0, (0, 1, 2, 3, 4, 5)), (1.0, (5,))])
def test_swa_is_the_mean_of_the_weights_at_the_ends_of_the_last_epochs(start, epochs):
    expected = np.mean([VALUES[4 * epoch + 3] for epoch in epochs])
    assert average(VALUES, weights("swa", 4, 6, start=start)) == pytest.approx(expected)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_interpolated_weights_lie_between_the_first_and_the_last(alpha):
    expected = (1 - alpha) * VALUES[0] + alpha * VALUES[-1]
    assert average(VALUES, weights("interpolated", 4, 6, alpha=alpha)) == pytest.approx(expected)
    assert list(weights("interpolated", 1, 1, alpha=alpha)) == [1.0]
