"""What holds for many together: Holm by hand, Šidák where nothing goes together, nothing to pay where all does."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.metrics.simultaneous import MOST_CORRELATED, common_alpha, holm_adjusted

RNG = np.random.default_rng(0)
APART = np.eye(10)
"""Ten patients, of whom each adds to one difference alone."""


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([APART[0]], 0.05),
        ([], 0.05),
        # Independent: 1 - (1 - 0.05)^(1/10), Šidák 1967.
        (list(APART), 1 - 0.95**0.1),
        # One and the same, or turned round.
        ([APART[0], APART[0], -APART[0]], 0.05),
        # One that never differs is none.
        ([APART[0], np.zeros(10)], 0.05),
        # Too many to correlate, or not kept: Bonferroni.
        ([APART[0]] * (MOST_CORRELATED + 1), 0.05 / (MOST_CORRELATED + 1)),
        ([None, None], 0.025),
    ],
)
def test_the_risk_of_each_is_what_the_risk_of_any_leaves(columns, expected: float) -> None:
    assert common_alpha(columns, 0.05) == pytest.approx(expected, rel=0.03)


def test_what_goes_half_together_lies_between() -> None:
    common = RNG.normal(size=500)
    columns = [common + RNG.normal(size=500) for _ in range(10)]
    assert 1 - 0.95**0.1 < common_alpha(columns, 0.05) < 0.02
    assert common_alpha(columns, 0.05) == common_alpha(columns, 0.05)


def test_holm_by_hand() -> None:
    # The smallest of four times 4, the next times 3, never below the one before, never above 1.
    assert holm_adjusted([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm_adjusted([0.9, 0.6]) == (1.0, 1.0)
    assert holm_adjusted([]) == ()
