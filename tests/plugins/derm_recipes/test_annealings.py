"""Annealings against their equations."""

import numpy as np
import pytest

from derm_recipes.specs import ANNEALINGS

SHARES = np.linspace(0, 1, 21)


def factors(name, shares=SHARES, **options):
    spec = next(each for each in ANNEALINGS if each.name == name)
    return spec.build(spec.component(options).options)(shares)


def test_constant_rates_stay():
    assert set(factors("constant")) == {1.0}


def test_a_cosine_falls_from_1_to_0():
    """Loshchilov and Hutter 2017, equation 5, with a smallest rate of 0."""
    np.testing.assert_allclose(factors("cosine"), 0.5 * (1 + np.cos(np.pi * SHARES)))
    assert factors("cosine")[[0, 10, 20]] == pytest.approx([1, 0.5, 0])


def test_one_cycle_rises_and_falls():
    found = factors("one-cycle", warmup=0.25, start=0.1, end=0.02)
    assert found[[0, 5, 20]] == pytest.approx([0.1, 1.0, 0.02])
    rising, falling = SHARES[:6] / 0.25, (SHARES[5:] - 0.25) / 0.75
    np.testing.assert_allclose(found[:6], 0.1 + 0.9 * (1 - np.cos(np.pi * rising)) / 2)
    np.testing.assert_allclose(found[5:], 0.02 + 0.98 * (1 + np.cos(np.pi * falling)) / 2)


@pytest.mark.parametrize(("warmup", "first", "last"), [(0.0, 1.0, 0.0), (1.0, 0.04, 1.0)])
def test_a_warm_up_may_be_none_or_all(warmup, first, last):
    found = factors("one-cycle", warmup=warmup)
    assert (found[0], found[-1]) == (pytest.approx(first), pytest.approx(last))
    assert np.isfinite(found).all()
