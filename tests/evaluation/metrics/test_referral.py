import numpy as np
import pytest

from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.referral import ReferralLevel, ReferralMeasure, referral_promises
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import SEVERITIES, referral_table, small


def levels(
    test: Predictions, validation: Predictions, refer_at: tuple[float, float] = (0.8, 0.95), draws: int = 0
) -> tuple[ReferralLevel, ...]:
    measure = ReferralMeasure.of(EvaluationInput(test, SEVERITIES, validation, refer_at=refer_at))
    assert measure is not None
    return measure_one(measure, test, draws).levels


def test_by_hand() -> None:
    rows = [[0.2, 0.0, 0.8], [0.4, 0.0, 0.6], [0.5, 0.5, 0.0], [0.9, 0.0, 0.1]]
    validation = small("MMIB", "MMIB", "BIM", rows)
    test = small(
        "MMMIBBB",
        "MBBIMBB",
        "BIM",
        [
            [0.1, 0.0, 0.9],
            [0.5, 0.3, 0.2],
            [0.9, 0.0, 0.1],
            [0.2, 0.8, 0.0],
            [0.2, 0.0, 0.8],
            [0.5, 0.0, 0.5],
            [1.0, 0.0, 0.0],
        ],
    )
    # A third of one more malignant case like those two has 0.8; three in four of those to be seen have 0.5.
    now, soon, no = levels(test, validation, (0.3, 0.75))
    assert [(each.name, each.target, each.threshold) for each in (now, soon, no)] == [
        ("now", 0.3, 0.8),
        ("soon", 0.75, 0.5),
        ("no", None, None),
    ]
    assert now.promise is not None
    assert (now.promise.cases, soon.promise and soon.promise.cases, no.promise) == (2, 3, None)
    assert now.to_json()["promise"]["needed"] == 1
    assert now.counts == {"benign": 1, "indeterminate": 0, "malignant": 1}
    assert soon.counts == {"benign": 1, "indeterminate": 1, "malignant": 1}
    assert no.counts == {"benign": 1, "indeterminate": 0, "malignant": 1}
    assert now.shares == {"benign": 1 / 3, "indeterminate": 0.0, "malignant": 1 / 3}
    assert [each.benign_per_malignant for each in (now, soon, no)] == [1, 1, 1]
    assert sum(each.share for each in (now, soon, no)) == pytest.approx(1)


def test_no_case_is_counted_twice_and_none_is_lost() -> None:
    result = levels(referral_table(900, 0), referral_table(600, 1), draws=50)
    test = referral_table(900, 0)
    for severity in ("benign", "indeterminate", "malignant"):
        total = int((test.labels == severity[0].upper()).sum())
        assert sum(each.counts[severity] for each in result) == total
        assert sum(each.shares[severity] or 0 for each in result) == pytest.approx(1)
        for each in result:
            interval = each.intervals[severity]
            assert interval.low <= (each.shares[severity] or 0) <= interval.high
            assert interval.method == "wilson"


def test_on_many_cases_both_targets_are_met() -> None:
    test = referral_table(6000, 0)
    now, soon, _ = levels(test, referral_table(6000, 1), (0.7, 0.9))
    assert now.shares["malignant"] == pytest.approx(0.7, abs=0.03)
    dangerous = sum(each.counts["malignant"] + each.counts["indeterminate"] for each in (now, soon))
    # A case that is seen now is seen: so the two levels together find as many as the second is chosen for, or more.
    assert dangerous / np.isin(test.labels, ["I", "M"]).sum() > 0.88


def test_the_more_must_be_found_the_more_are_referred() -> None:
    test, validation = referral_table(900, 0), referral_table(600, 1)
    few, many = levels(test, validation, (0.5, 0.6)), levels(test, validation, (0.9, 0.99))
    assert few[0].cases < many[0].cases
    assert few[2].cases > many[2].cases


def test_patients_with_several_cases_widen_the_intervals() -> None:
    test = referral_table(600, 3)
    patients = {"patient": np.array([f"P{rank // 30}" for rank in np.argsort(test.labels, kind="stable").argsort()])}
    alone, *_ = levels(test, referral_table(600, 4), draws=100)
    now, *_ = levels(Predictions(**{**vars(test), "metadata": patients}), referral_table(600, 4), draws=100)
    wide, narrow = now.intervals["malignant"], alone.intervals["malignant"]
    assert (wide.method, narrow.method) == ("effective", "wilson")
    assert wide.high - wide.low > 1.2 * (narrow.high - narrow.low)


def test_thresholds_need_a_validation_part_probabilities_and_somebody_to_find() -> None:
    test, validation = referral_table(60, 0), referral_table(60, 1)
    without_probabilities = Predictions(**{**vars(test), "probabilities": None})
    harmless = small("BB", "BB", "BIM", [[1.0, 0.0, 0.0]] * 2)
    assert ReferralMeasure.of(EvaluationInput(test, SEVERITIES)) is None
    assert ReferralMeasure.of(EvaluationInput(without_probabilities, SEVERITIES, validation)) is None
    assert ReferralMeasure.of(EvaluationInput(test, SEVERITIES, harmless)) is None
    assert ReferralMeasure.of(EvaluationInput(test, {}, validation)) is None
    asked = EvaluationInput(test, SEVERITIES, validation, refer_at=(0.8, 0.99))
    assert ReferralMeasure.of(asked) is None, "99 % cannot be promised from fewer than 99"
    now, soon = referral_promises(asked)
    assert now.threshold is not None
    assert (soon.threshold, soon.needed) == (None, 99)


def test_a_case_of_unknown_severity_is_not_counted() -> None:
    test = referral_table(100, 0)
    known = {"B": "benign", "M": "malignant"}
    measure = ReferralMeasure.of(EvaluationInput(test, known, referral_table(100, 1)))
    assert measure is not None
    assert sum(each.cases for each in measure.result({}, "bootstrap").levels) == int(
        np.isin(test.labels, ["B", "M"]).sum()
    )
