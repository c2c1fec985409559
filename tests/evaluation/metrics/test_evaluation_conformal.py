import numpy as np
import pytest
from test_evaluation_calibration import calibrated, softmax

from derm_cli.evaluation.metrics.conformal import abstention_curve, conformal_sets, conformal_threshold

CLASSES = tuple("ABCDE")


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.99])
@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_sets_keep_their_promise_however_wrong_the_probabilities_are(coverage: float, temperature: float) -> None:
    logits, truth = calibrated(6000, seed=int(temperature))
    found = softmax(logits * temperature)
    threshold = conformal_threshold(found[:3000], truth[:3000], coverage)
    sets = conformal_sets(found[3000:], truth[3000:], CLASSES, threshold=threshold, chosen_on=3000, coverage=coverage)
    assert sets.coverage == pytest.approx(coverage, abs=0.02)
    assert 0 < sets.size <= 5


def test_too_few_cases_promise_nothing_but_every_class() -> None:
    assert conformal_threshold(np.array([[0.9, 0.1]] * 5), np.zeros(5, dtype=int), 0.9) == 0.0


def test_a_threshold_by_hand() -> None:
    probabilities = np.array([[each, 1 - each] for each in (0.9, 0.8, 0.7, 0.6)])
    # Of four cases the fourth least is needed for 0.8: rank ceil(5 * 0.8) = 4.
    assert conformal_threshold(probabilities, np.zeros(4, dtype=int), 0.8) == pytest.approx(0.6)
    assert conformal_threshold(probabilities, np.zeros(4, dtype=int), 0.6) == pytest.approx(0.7)


def test_classes_without_a_case_have_no_coverage() -> None:
    sets = conformal_sets(np.array([[0.6, 0.4], [0.2, 0.8]]), np.array([0, 0]), ("A", "B"), threshold=0.5, chosen_on=9)
    assert (sets.coverage, sets.size, sets.empty) == (0.5, 1.0, 0.0)
    assert sets.coverage_by_class == {"A": 0.5, "B": None}


def test_abstaining_from_the_least_confident_helps() -> None:
    logits, truth = calibrated(3000)
    curve = abstention_curve(softmax(logits), truth)
    assert (curve[0].answered, curve[-1].answered) == (1.0, 0.1)
    assert curve[0].accuracy == pytest.approx((logits.argmax(axis=1) == truth).mean())
    assert curve[-1].accuracy > curve[0].accuracy + 0.1
    assert [each.confidence for each in curve] == sorted(each.confidence for each in curve)
