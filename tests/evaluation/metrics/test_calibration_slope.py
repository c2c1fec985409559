import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.calibration_slope import CalibrationSlopeMeasure, CalibrationSlopes
from derm_cli.evaluation.metrics.questions import Question, Questions
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.tables.binary_questions import calibration_slope_table
from tests.support.reference_values import clustered, stored
from tests.support.synthetic_tables import calibrated_table, random_table

SEVERITIES = {"C00": "benign", "C01": "malignant", "C02": "indeterminate", "C03": "malignant"}


def slopes_of(table: Predictions, draws: int = 0, **severities: str) -> CalibrationSlopes:
    measure = CalibrationSlopeMeasure.of(EvaluationInput(table, severities))
    assert measure is not None
    return measure_one(measure, table, draws)


def alone(scores: np.ndarray, positive: np.ndarray) -> CalibrationSlopeMeasure:
    every = np.arange(len(scores))
    return CalibrationSlopeMeasure(Questions({"a": Question(every, positive, scores)}, None, every))


@pytest.mark.parametrize("seed", range(6))
def test_the_slope_is_that_of_scikit_learn_and_the_intercept_expects_as_many_as_there_are(seed: int) -> None:
    table = random_table(seed, 250, 4, decimals=6)
    assert table.probabilities is not None
    found = slopes_of(table, **SEVERITIES)
    malignant = table.probabilities[:, [1, 3]].sum(axis=1), np.isin(table.labels, ["C01", "C03"])
    questions = [(table.probabilities[:, index], table.labels == name) for index, name in enumerate(table.classes)]
    assert found.malignant is not None
    for each, (scores, truth) in zip(
        (*found.per_class.values(), found.malignant), (*questions, malignant), strict=True
    ):
        odds = logit(scores.clip(1e-8, 1 - 1e-8))
        regression = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(odds[:, np.newaxis], truth)
        assert each.slope == pytest.approx(regression.coef_[0, 0], abs=1e-5)
        assert expit(odds + each.intercept).sum() == pytest.approx(truth.sum())
        assert (each.cases, each.positives) == (250, truth.sum())


def test_what_was_done_to_calibrated_log_odds_is_found() -> None:
    """Log odds half as far apart have a slope of 2, and 0.7 too much of them an intercept of -0.7."""
    rng = np.random.default_rng(0)
    odds = rng.normal(-1, 1.5, 40_000)
    truth = rng.random(40_000) < expit(odds)
    flat, raised = (alone(expit(each), truth).result({}, "bootstrap").per_class["a"] for each in (odds / 2, odds + 0.7))
    assert flat.slope == pytest.approx(2, abs=0.06)
    assert raised.intercept == pytest.approx(-0.7, abs=0.04)
    assert raised.slope == pytest.approx(1, abs=0.03)


def test_calibrated_probabilities_of_malignant_are_calibrated_though_some_lesions_are_indeterminate() -> None:
    table = calibrated_table(sorted(SEVERITIES))
    malignant = slopes_of(table, **SEVERITIES).malignant
    assert malignant is not None
    assert malignant.slope == pytest.approx(1, abs=0.04)
    assert malignant.intercept == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    ("scores", "truth", "slope", "intercept"),
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], None, 0.0),  # told apart: no slope is steep enough
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], None, 0.0),
        ([0.5, 0.5, 0.5, 0.5], [0, 0, 0, 1], None, -np.log(3)),  # all the same
        ([0.1, 0.2, 0.8, 0.9], [1, 1, 1, 1], None, None),
        ([0.0, 1.0, 1.0, 0.0], [0, 1, 0, 1], 0.0, 0.0),  # certain, and wrong as often as right
    ],
)
def test_what_is_undefined_is_none(
    scores: list[float], truth: list[int], slope: float | None, intercept: float | None
) -> None:
    found = alone(np.array(scores), np.array(truth, dtype=bool)).result({}, "bootstrap").per_class["a"]
    assert found.slope == (None if slope is None else pytest.approx(slope, abs=1e-6))
    assert found.intercept == (None if intercept is None else pytest.approx(intercept, abs=1e-6))


def test_intervals_are_as_wide_as_refits_without_a_patient_tell() -> None:
    """The jackknife by patient (Efron and Stein, Annals of Statistics 1981), of as many degrees of freedom or fewer."""
    rng = np.random.default_rng(1)
    patients = np.repeat(np.arange(300), 2)
    odds = rng.normal(-1, 1.5, 600)
    scores, truth = expit(1.3 * odds + 0.4), rng.random(600) < expit(odds)
    question = Question(np.arange(600), truth, scores)
    measure = CalibrationSlopeMeasure(Questions({"a": question}, None, patients))
    found = measure.result({"drawn": np.ones(1)}, "patients").per_class["a"]
    left = []
    for patient in range(300):
        fit = alone(scores[patients != patient], truth[patients != patient]).result({}, "bootstrap").per_class["a"]
        left.append((fit.slope, fit.intercept))
    for name, without in zip(("slope", "intercept"), np.array(left).T, strict=True):
        deviation = np.sqrt(299 / 300 * ((without - without.mean()) ** 2).sum())
        interval = found.intervals[name]
        assert interval.method == "t"
        assert (interval.low + interval.high) / 2 == pytest.approx(getattr(found, name))
        assert (interval.high - interval.low) / 2 == pytest.approx(1.98 * deviation, rel=0.05)


def test_photographs_of_a_patient_widen_them() -> None:
    table = random_table(0, 400, 4, per_patient=4)
    by_patient = slopes_of(table, 1).per_class["C01"].intervals["slope"]
    by_case = slopes_of(random_table(0, 400, 4), 1).per_class["C01"].intervals["slope"]
    assert by_patient.high - by_patient.low > 1.4 * (by_case.high - by_case.low)


def test_intervals_cover() -> None:
    """Of 200 tables of 60 patients with up to eight photographs each, nearly all intervals hold the true slope."""
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        patients = np.repeat(np.arange(60), rng.integers(1, 9, 60))
        odds = -1 + rng.normal(0, 1.1, 60)[patients] + rng.normal(0, 1.1, len(patients))
        question = Question(np.arange(len(odds)), rng.random(len(odds)) < expit(odds), expit(1.3 * odds))
        measure = CalibrationSlopeMeasure(Questions({"a": question}, None, patients))
        interval = measure.result({"drawn": np.ones(1)}, "patients").per_class["a"].intervals["slope"]
        covered += interval.low <= 1 / 1.3 <= interval.high
    assert covered >= 182


def test_with_too_few_patients_on_a_side_there_is_no_interval_but_why() -> None:
    table = random_table(0, 120, 4, per_patient=6)
    found = slopes_of(table, 50).per_class
    few = {name: each for name, each in found.items() if each.positives < 60}
    assert few
    for each in few.values():
        assert each.intervals == {}
        assert each.slope is not None
        assert each.no_interval == f"{each.positives // 6} patients: too few for an interval"
    assert slopes_of(table, 0).per_class["C00"].no_interval is None
    (reasons, *_), header = (
        calibration_slope_table(slopes_of(table, 50)).rows,
        calibration_slope_table(slopes_of(table, 50)).header,
    )
    assert header[-1] == "no interval"
    assert str(reasons[-1]).endswith("too few for an interval")


def test_without_probabilities_there_is_none() -> None:
    table = random_table(0, 20, 4)
    bare = Predictions(table.classes, table.case_ids, table.labels, table.predictions, None)
    assert CalibrationSlopeMeasure.of(EvaluationInput(bare, SEVERITIES)) is None


@pytest.mark.parametrize("name", ["slope", "intercept"])
def test_with_many_patients_they_are_those_of_statsmodels_with_errors_by_patient(name: str) -> None:
    """Its robust covariance by groups; 0.3 % is what is assumed of patients' photographs, and Student's quantile."""
    table = clustered()
    question = Question(np.arange(len(table.odds)), table.truth, expit(table.odds))
    measure = CalibrationSlopeMeasure(Questions({"a": question}, None, table.patients))
    found = measure.result({"drawn": np.ones(1)}, "patients").per_class["a"]
    value, error = stored()[name]
    assert getattr(found, name) == pytest.approx(value, abs=1e-6)
    interval = found.intervals[name]
    assert (interval.high - interval.low) / 2 == pytest.approx(1.962 * error, rel=0.003)
