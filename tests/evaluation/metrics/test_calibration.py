import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from derm_cli.evaluation.intervals.resampling import Resampling, wilson_interval
from derm_cli.evaluation.metrics.calibration import (
    CalibrationMeasure,
    calibration_of,
    fit_temperature,
    softmax,
    temperature_bound,
)
from tests.support.synthetic_tables import calibrated, random_table


def test_scores_agree_with_scikit_learn() -> None:
    table = random_table(0, 300, 4, decimals=6)
    assert table.probabilities is not None
    truth = table.class_indices(table.labels)
    calibration = calibration_of(table.probabilities, truth)
    assert calibration.log_loss == pytest.approx(log_loss(truth, table.probabilities))
    expected = brier_score_loss(truth, table.probabilities, scale_by_half=False)
    assert calibration.brier == pytest.approx(expected)
    assert sum(each.cases for each in calibration.bins) == 300


def test_a_certain_mistake_costs_what_it_costs_in_scikit_learn() -> None:
    probabilities, truth = np.array([[1.0, 0.0], [0.2, 0.8], [0.0, 1.0]]), np.array([1, 1, 1])
    assert calibration_of(probabilities, truth).log_loss == pytest.approx(
        log_loss(truth, probabilities, labels=[0, 1]), rel=1e-12
    )


@pytest.mark.parametrize("place", range(1, 16))
def test_a_bin_has_its_upper_edge_and_not_its_lower_one(place: int) -> None:
    """As Guo et al. have it: the interval ((m - 1)/M, m/M]."""
    edge = place / 15
    (filled,) = calibration_of(np.array([[edge, 0.0]]), np.array([0])).bins
    assert (filled.low, filled.high) == ((place - 1) / 15, edge)
    if place < 15:
        (above,) = calibration_of(np.array([[np.nextafter(edge, 1), 0.0]]), np.array([0])).bins
        assert (above.low, above.high) == (edge, (place + 1) / 15)


@pytest.mark.parametrize(("temperature", "bound"), [(0.05, 0.05), (0.0503, 0.05), (0.06, None), (19.5, None), (20, 20)])
def test_a_temperature_at_a_bound_is_known(temperature: float, bound: float | None) -> None:
    assert temperature_bound(temperature) == bound


@pytest.mark.parametrize(("scale", "bound"), [(100, 20.0), (0.01, 0.05)])
def test_a_temperature_beyond_the_bounds_is_told_from_one_between(scale: float, bound: float) -> None:
    logits, truth = calibrated(400)
    assert temperature_bound(fit_temperature(logits * scale, truth)) == bound


def test_expected_calibration_error_by_hand() -> None:
    probabilities = np.array([[0.95, 0.05], [0.93, 0.07], [0.45, 0.55], [0.7, 0.3]])
    calibration = calibration_of(probabilities, np.array([0, 1, 1, 0]), bins=10)
    # 0.9..1: two cases, confidence 0.94, accuracy 0.5; 0.5..0.6: 0.55 against 1; 0.6..0.7: 0.7 against 1.
    assert calibration.ece == pytest.approx((2 * 0.44 + 0.45 + 0.3) / 4)
    assert [(each.low, each.cases) for each in calibration.bins] == [(0.5, 1), (0.6, 1), (0.9, 2)]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_temperature_that_was_lost_is_found(temperature: float) -> None:
    logits, truth = calibrated()
    fitted = fit_temperature(logits * temperature, truth)
    assert fitted == pytest.approx(temperature, rel=0.08)
    raw, scaled = softmax(logits * temperature), softmax(logits * temperature, fitted)
    assert calibration_of(scaled, truth).ece < 0.03
    assert calibration_of(scaled, truth).log_loss <= calibration_of(raw, truth).log_loss
    np.testing.assert_array_equal(scaled.argmax(axis=1), raw.argmax(axis=1))


def test_probabilities_of_a_temperature_by_hand_and_of_large_logits() -> None:
    # Logits of 3 ln 4 and 0 at a temperature of 3 are odds of 4 to 1.
    np.testing.assert_allclose(softmax(np.array([[3 * np.log(4), 0.0]]), 3.0), [[0.8, 0.2]], rtol=1e-12)
    np.testing.assert_array_equal(softmax(np.array([[2000.0, 0.0], [-2000.0, 0.0]])), [[1, 0], [0, 1]])


def test_a_network_that_is_sure_of_everything_is_mended_too() -> None:
    """Its probabilities in float32 are 0 and 1, of which nothing could be told."""
    logits, truth = calibrated()
    assert fit_temperature(logits * 19, truth) == pytest.approx(19, rel=0.08)


def test_certain_mistakes_cost_much_but_not_infinitely() -> None:
    calibration = calibration_of(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1]))
    assert calibration.log_loss == pytest.approx(-np.log(np.finfo(float).eps) / 2)


def test_scores_have_intervals_and_the_calibration_error_none() -> None:
    logits, truth = calibrated(800)
    measure, resampling = CalibrationMeasure(softmax(logits), truth), Resampling(np.arange(800), 400)
    calibration = measure.result(resampling.map(measure.replicates), resampling.method)
    with_bins = calibration_of(softmax(logits), truth, groups=np.arange(800))
    assert calibration.to_json() | {"intervals": {}} == with_bins.to_json()
    assert set(calibration.intervals) == {"brier", "log_loss"}
    losses = -np.log(softmax(logits)[np.arange(800), truth])
    half = 1.96 * losses.std() / np.sqrt(800)
    interval = calibration.intervals["log_loss"]
    assert interval.low == pytest.approx(calibration.log_loss - half, abs=half / 4)
    assert interval.high == pytest.approx(calibration.log_loss + half, abs=half / 4)
    assert measure.result({}, "bootstrap").intervals == {}


def test_bins_have_intervals_by_patient_and_those_of_few_none() -> None:
    logits, truth = calibrated(800)
    alone, alike = (calibration_of(softmax(logits), truth, groups=np.arange(800) // size) for size in (1, 200))
    few, *_ = calibration_of(softmax(logits)[:4], truth[:4], bins=1, groups=np.arange(4)).bins
    assert few.interval is None
    assert all(each.interval is None for each in alike.bins), "of four patients"
    for each in alone.bins:
        assert (each.interval is None) == (each.cases < 5)
        if each.interval is not None:
            assert each.interval == wilson_interval(each.accuracy * each.cases, each.cases)
            assert each.to_json()["interval"] == each.interval.to_json()
    assert {each.interval for each in calibration_of(softmax(logits), truth).bins} == {None}


def few_large_patients(classes: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities, truth and patients: of twelve, each of two rarer classes has one."""
    patients = np.repeat(np.arange(12), 20)
    truth = np.where(patients < 10, 0, patients - 9)
    return np.random.default_rng(0).dirichlet(np.ones(classes), len(truth)), truth, patients


def test_scores_have_no_interval_where_the_classes_frequencies_are_chance() -> None:
    probabilities, truth, patients = few_large_patients()
    draws, method = {"brier": np.array([0.5, 0.6]), "log_loss": np.array([1.0, 1.1])}, "patients"
    told = CalibrationMeasure(probabilities, truth, patients).result(draws, method)
    assert told.intervals == {}
    assert told.no_interval == (
        "40 cases of other classes than the most frequent, as 2 patients would have: too few for an interval"
    )
    assert told.to_json()["no_interval"] == told.no_interval
    alone = CalibrationMeasure(probabilities, truth).result(draws, method)
    assert (set(alone.intervals), alone.no_interval) == ({"brier", "log_loss"}, None)
