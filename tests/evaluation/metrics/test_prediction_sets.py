import json

import numpy as np
import pytest

from derm_cli.evaluation.metrics.calibration import softmax
from derm_cli.evaluation.metrics.prediction_sets import PredictionSetMeasure, conformal_threshold
from derm_cli.evaluation.resampling import Resampling
from tests.support.synthetic_tables import calibrated

CLASSES = tuple("ABCDE")


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.99])
@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_sets_keep_their_promise_however_wrong_the_probabilities_are(coverage: float, temperature: float) -> None:
    logits, truth = calibrated(6000, seed=int(temperature))
    probabilities = softmax(logits * temperature)
    threshold = conformal_threshold(probabilities[:3000], truth[:3000], coverage)
    measure = PredictionSetMeasure(
        probabilities[3000:], truth[3000:], CLASSES, threshold=threshold, chosen_on=3000, coverage=coverage
    )
    sets = measure.result({}, "bootstrap")
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
    probabilities, truth = np.array([[0.6, 0.4], [0.2, 0.8]]), np.array([0, 0])
    sets = PredictionSetMeasure(probabilities, truth, ("A", "B"), threshold=0.5, chosen_on=9).result({}, "bootstrap")
    assert (sets.coverage, sets.size, sets.empty) == (0.5, 1.0, 0.0)
    assert sets.coverage_by_class == {"A": 0.5, "B": None}


@pytest.mark.parametrize("per_patient", [1, 4])
def test_coverage_has_the_interval_of_a_proportion(per_patient: int) -> None:
    logits, truth = calibrated(600)
    measure = PredictionSetMeasure(softmax(logits), truth, CLASSES, threshold=0.2, chosen_on=100)
    resampling = Resampling(np.arange(600) // per_patient, 200)
    sets = measure.result(resampling.map(measure.replicates), resampling.method)
    bare = measure.result({}, "bootstrap")
    assert (sets.coverage_by_class, sets.size_by_class) == (bare.coverage_by_class, bare.size_by_class)
    assert (bare.coverage_interval, bare.intervals_by_class) == (None, {})
    assert set(sets.intervals_by_class) == set(CLASSES)
    for coverage, interval in (
        (sets.coverage, sets.coverage_interval),
        *((sets.coverage_by_class[name], each) for name, each in sets.intervals_by_class.items()),
    ):
        assert interval is not None
        assert interval.low < (coverage or 0) < interval.high
        assert interval.method == ("wilson" if per_patient == 1 else "patients")
    assert json.loads(json.dumps(sets.to_json()))["coverage_interval"][0] == sets.coverage_interval.low
