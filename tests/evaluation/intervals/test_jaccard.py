"""F1 and the Jaccard index are functions of one another."""

from __future__ import annotations

import pytest

from derm_cli.evaluation.intervals.jaccard import f1_of, f1_slope, jaccard_of


@pytest.mark.parametrize(("found", "missed", "wrong"), [(8, 2, 2), (0, 3, 1), (5, 0, 0), (1, 7, 90)])
def test_they_are_of_the_same_counts(found: int, missed: int, wrong: int) -> None:
    f1, jaccard = 2 * found / (2 * found + missed + wrong), found / (found + missed + wrong)
    assert f1_of(jaccard) == pytest.approx(f1)
    assert jaccard_of(f1) == pytest.approx(jaccard)
    assert f1_slope(jaccard) == pytest.approx((f1_of(jaccard + 1e-6) - f1_of(jaccard - 1e-6)) / 2e-6, rel=1e-4)
