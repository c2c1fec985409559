import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from derm_cli.evaluation.metrics.ranking import Ranking


@pytest.mark.parametrize("decimals", [1, 3, 15])
@pytest.mark.parametrize("share", [0.02, 0.5])
def test_weighted_figures_agree_with_scikit_learn(decimals: int, share: float) -> None:
    rng = np.random.default_rng(decimals)
    scores, positive = rng.random(500).round(decimals), rng.random(500) < share
    positive[:2] = True, False
    weights = rng.integers(0, 4, size=(5, 500)).astype(np.uint16)
    ranking = Ranking.of(scores, positive)
    assert ranking is not None
    auc, precision = ranking.auc_and_average_precision(weights)
    np.testing.assert_array_equal(auc, ranking.auc(weights))
    for draw, each in enumerate(weights):
        assert auc[draw] == pytest.approx(roc_auc_score(positive, scores, sample_weight=each), abs=1e-12)
        expected = average_precision_score(positive, scores, sample_weight=each)
        assert precision[draw] == pytest.approx(expected, abs=1e-12)


def test_there_is_none_without_both_sides_or_with_an_unknown_score() -> None:
    scores = np.array([0.1, 0.2, 0.3])
    assert Ranking.of(scores, np.array([True, True, True])) is None
    assert Ranking.of(scores, np.array([False, False, False])) is None
    assert Ranking.of(np.array([0.1, np.nan, 0.3]), np.array([True, False, True])) is None


def test_a_draw_without_a_side_has_no_figure() -> None:
    ranking = Ranking.of(np.array([0.1, 0.9, 0.4]), np.array([False, True, False]))
    assert ranking is not None
    auc, precision = ranking.auc_and_average_precision(np.array([[1, 0, 2], [0, 3, 0], [1, 1, 1]], dtype=np.uint16))
    np.testing.assert_array_equal(auc, [np.nan, np.nan, 1.0])
    np.testing.assert_array_equal(precision, [np.nan, 1.0, 1.0])
