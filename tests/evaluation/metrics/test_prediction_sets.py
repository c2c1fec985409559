import json

import numpy as np
import pytest

from derm_cli.evaluation.intervals.resampling import Resampling
from derm_cli.evaluation.metrics.calibration import softmax
from derm_cli.evaluation.metrics.prediction_sets import PredictionSetMeasure, set_promises
from derm_cli.evaluation.metrics.promises import Promise
from derm_cli.evaluation.predictions import Predictions
from tests.support.reference_values import classified, stored
from tests.support.synthetic_tables import calibrated

CLASSES = tuple("ABCDE")


def table(probabilities: np.ndarray, truth: np.ndarray, **metadata: np.ndarray) -> Predictions:
    names = np.array(CLASSES[: probabilities.shape[1]])
    return Predictions(
        tuple(names.tolist()),
        tuple(map(str, range(len(truth)))),
        names[truth],
        names[probabilities.argmax(axis=1)],
        probabilities,
        metadata,
    )


def at(threshold: float, classes: int = 5, cases: int = 100) -> tuple[Promise, tuple[Promise, ...]]:
    each = Promise(0.9, cases, cases, 9, threshold)
    return each, (each,) * classes


@pytest.mark.parametrize("coverage", [0.8, 0.9, 0.99])
@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_sets_keep_their_promise_however_wrong_the_probabilities_are(coverage: float, temperature: float) -> None:
    logits, truth = calibrated(6000, seed=int(temperature))
    probabilities = softmax(logits * temperature)
    promises = set_promises(table(probabilities[:3000], truth[:3000]), coverage)
    sets = PredictionSetMeasure(probabilities[3000:], truth[3000:], CLASSES, promises).result({}, "bootstrap")
    assert sets.coverage == pytest.approx(coverage, abs=0.02)
    assert 0 < sets.size <= 5
    for share in sets.by_class.coverage_by_class.values():
        assert share == pytest.approx(coverage, abs=0.08)


def test_a_class_that_is_worse_served_is_promised_as_much_as_the_others() -> None:
    """One case in ten is a B that is hardly ever thought of: marginal sets hold few of these, its own nine in ten."""
    rng = np.random.default_rng(0)
    truth = (rng.random(4000) < 0.1).astype(int)
    second = np.where(truth, rng.beta(2, 8, 4000), rng.beta(1, 20, 4000))
    probabilities = np.stack([1 - second, second], axis=1)
    promises = set_promises(table(probabilities[:2000], truth[:2000]))
    sets = PredictionSetMeasure(probabilities[2000:], truth[2000:], ("A", "B"), promises).result({}, "bootstrap")
    assert sets.coverage == pytest.approx(0.9, abs=0.02)
    assert (sets.coverage_by_class["B"] or 0) < 0.5
    assert sets.by_class.coverage_by_class["B"] == pytest.approx(0.9, abs=0.06)
    assert sets.by_class.coverage_by_class["A"] == pytest.approx(0.9, abs=0.03)


def test_too_few_cases_promise_nothing_but_every_class() -> None:
    probabilities, truth = np.array([[0.9, 0.1]] * 12), np.array([0] * 9 + [1] * 3)
    marginal, (first, second) = set_promises(table(probabilities, truth))
    assert (marginal.threshold, first.threshold) == (0.1, 0.9)
    assert (second.threshold, second.cases, second.needed) == (None, 3, 9)
    sets = PredictionSetMeasure(np.array([[0.99, 0.01]]), np.array([0]), ("A", "B"), (marginal, (first, second)))
    assert sets.result({}, "bootstrap").by_class.size == 2.0, "B is in every set"
    few, _ = set_promises(table(probabilities[:5], truth[:5]))
    assert few.threshold is None
    every = PredictionSetMeasure(np.array([[1.0, 0.0]]), np.array([0]), ("A", "B"), (few, (few, few)))
    result = every.result({}, "bootstrap")
    assert (result.threshold, result.size, result.promise.needed) == (0.0, 2.0, 9)


def test_a_threshold_by_hand() -> None:
    probabilities = np.array([[each, 1 - each] for each in (0.9, 0.8, 0.7, 0.6)])
    part = table(probabilities, np.zeros(4, dtype=int))
    # Of four cases the fourth least is needed for 0.8: rank ceil(5 * 0.8) = 4.
    assert set_promises(part, 0.8)[0].threshold == 0.6
    assert set_promises(part, 0.6)[0].threshold == 0.7


@pytest.mark.parametrize("true", [0.3, 0.1, 0.7, 1 / 3])
def test_no_case_is_lost_to_rounding(true: float) -> None:
    """1 - (1 - 0.3) is more than 0.3: all cases of a table whose true class has 0.3 were lost."""
    probabilities, truth = np.tile([true, 1 - true], (30, 1)), np.zeros(30, dtype=int)
    sets = PredictionSetMeasure(probabilities, truth, ("A", "B"), set_promises(table(probabilities, truth)))
    assert sets.result({}, "bootstrap").coverage == 1.0
    assert sets.result({}, "bootstrap").by_class.coverage == 1.0


@pytest.mark.parametrize("cases", [20, 57, 200])
def test_sets_are_those_of_p_values(cases: int) -> None:
    """A class joins where its p-value, (cases as strange or stranger + 1)/(n + 1), is above 0.1, as crepes has it."""
    logits, truth = calibrated(cases + 300, classes=3, seed=cases)
    probabilities = softmax(logits)
    chosen_on, rest = probabilities[:cases], probabilities[cases:]
    promises = set_promises(table(chosen_on, truth[:cases]))
    measure = PredictionSetMeasure(rest, truth[cases:], CLASSES[:3], promises)
    own = 1 - chosen_on[np.arange(cases), truth[:cases]]

    def p_values(strange: np.ndarray, of_class: np.ndarray) -> np.ndarray:
        return (np.sum(strange[:, np.newaxis] >= of_class - 1e-12, axis=0) + 1) / (len(strange) + 1)

    for label in range(3):
        strange = 1 - rest[:, label]
        np.testing.assert_array_equal(measure.in_set[""][:, label], p_values(own, strange) > 0.1 + 1e-12)
        of_label = own[truth[:cases] == label]
        np.testing.assert_array_equal(measure.in_set["own "][:, label], p_values(of_label, strange) > 0.1 + 1e-12)


def test_patients_with_many_photographs_are_not_many_patients() -> None:
    probabilities, truth = np.tile([0.6, 0.4], (40, 1)), np.zeros(40, dtype=int)
    patients = np.array([f"P{case // 10}" for case in range(40)])
    marginal, _ = set_promises(table(probabilities, truth, patient=patients))
    assert (marginal.threshold, marginal.groups, marginal.cases, marginal.needed) == (None, 4, 40, 9)


def test_classes_without_a_case_have_no_coverage() -> None:
    probabilities, truth = np.array([[0.6, 0.4], [0.2, 0.8]]), np.array([0, 0])
    sets = PredictionSetMeasure(probabilities, truth, ("A", "B"), at(0.5, 2)).result({}, "bootstrap")
    assert (sets.coverage, sets.size, sets.empty) == (0.5, 1.0, 0.0)
    assert sets.coverage_by_class == {"A": 0.5, "B": None}
    assert sets.to_json()["by_class"]["coverage_by_class"] == {"A": 0.5, "B": None}


@pytest.mark.parametrize("per_patient", [1, 4])
def test_coverage_has_the_interval_of_a_proportion(per_patient: int) -> None:
    logits, truth = calibrated(600)
    groups = np.arange(600) // per_patient
    measure = PredictionSetMeasure(softmax(logits), truth, CLASSES, at(0.2), groups)
    resampling = Resampling(groups, 2)
    sets = measure.result(resampling.map(measure.replicates), resampling.method)
    bare = measure.result({}, "bootstrap")
    assert (sets.coverage_by_class, sets.size_by_class) == (bare.coverage_by_class, bare.size_by_class)
    assert (bare.coverage_interval, bare.intervals_by_class) == (None, {})
    assert set(sets.intervals_by_class) == set(CLASSES)
    assert sets.by_class.coverage_interval == sets.coverage_interval, "all thresholds are the same here"
    for coverage, interval in (
        (sets.coverage, sets.coverage_interval),
        *((sets.coverage_by_class[name], each) for name, each in sets.intervals_by_class.items()),
    ):
        assert interval is not None
        assert interval.low < (coverage or 0) < interval.high
        assert interval.method == ("wilson" if per_patient == 1 else "effective")
    written = json.loads(json.dumps(sets.to_json()))
    assert written["coverage_interval"][0] == sets.coverage_interval.low
    assert written["by_class"]["promises"]["A"]["needed"] == 9


@pytest.mark.parametrize(("kind", "name"), [("", "marginal"), ("own ", "by class")])
def test_sets_are_those_of_crepes(kind: str, name: str) -> None:
    """Of half of the cases for the others, without its smoothing."""
    probabilities, truth = classified()
    promises = set_promises(table(probabilities[:200], truth[:200]))
    measure = PredictionSetMeasure(probabilities[200:], truth[200:], CLASSES[:3], promises)
    assert ["".join(map(str, row)) for row in measure.in_set[kind].astype(int).tolist()] == stored()["sets"][name]
