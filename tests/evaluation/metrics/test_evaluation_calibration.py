import numpy as np
import pytest
from made_tables import random_table
from sklearn.metrics import brier_score_loss, log_loss

from derm_cli.evaluation.metrics.calibration import calibration_of, fit_temperature, with_temperature


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def calibrated(cases: int = 4000, classes: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, and classes that are drawn with the very probabilities of their softmax."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, size=(cases, classes))
    truth = np.array([rng.choice(classes, p=each) for each in softmax(logits)])
    return logits, truth


def test_scores_agree_with_scikit_learn() -> None:
    made = random_table(0, 300, 4, decimals=6)
    assert made.probabilities is not None
    truth = made.places(made.labels)
    found = calibration_of(made.probabilities, truth)
    assert found.log_loss == pytest.approx(log_loss(truth, made.probabilities))
    expected = brier_score_loss(truth, made.probabilities, scale_by_half=False)
    assert found.brier == pytest.approx(expected)
    assert sum(each.cases for each in found.bins) == 300


def test_expected_calibration_error_by_hand() -> None:
    probabilities = np.array([[0.95, 0.05], [0.93, 0.07], [0.45, 0.55], [0.7, 0.3]])
    found = calibration_of(probabilities, np.array([0, 1, 1, 0]), bins=10)
    # 0.9..1: two cases, confidence 0.94, accuracy 0.5; 0.5..0.6: 0.55 against 1; 0.7..0.8: 0.7 against 1.
    assert found.ece == pytest.approx((2 * 0.44 + 0.45 + 0.3) / 4)
    assert [(each.low, each.cases) for each in found.bins] == [(0.5, 1), (0.7, 1), (0.9, 2)]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_temperature_that_was_lost_is_found(temperature: float) -> None:
    logits, truth = calibrated()
    given = softmax(logits * temperature)
    found = fit_temperature(given, truth)
    assert found == pytest.approx(temperature, rel=0.08)
    mended = with_temperature(given, found)
    assert calibration_of(mended, truth).ece < 0.03
    assert calibration_of(mended, truth).log_loss <= calibration_of(given, truth).log_loss
    np.testing.assert_array_equal(mended.argmax(axis=1), given.argmax(axis=1))


def test_a_temperature_on_probabilities_is_one_on_logits() -> None:
    logits, _ = calibrated(50)
    np.testing.assert_allclose(with_temperature(softmax(logits), 3.0), softmax(logits / 3.0), atol=1e-12)
    given = softmax(logits)
    assert with_temperature(given, 1.0) is given


def test_certain_mistakes_cost_much_but_not_infinitely() -> None:
    found = calibration_of(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1]))
    assert found.log_loss == pytest.approx(-np.log(1e-12) / 2)
    assert np.isfinite(with_temperature(np.array([[1.0, 0.0]]), 2.0)).all()
