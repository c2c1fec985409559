import numpy as np
import pytest
from scipy.stats import beta

from derm_cli.evaluation.metrics.promises import Promise, groups_needed, promise, refusal


def one_each(cases: int) -> np.ndarray:
    return np.arange(cases)


def test_how_many_a_promise_needs() -> None:
    assert [groups_needed(each) for each in (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)] == [1, 4, 9, 19, 49, 99, None]


@pytest.mark.parametrize("target", [0.8, 0.9, 0.95, 0.98, 0.99])
def test_one_case_fewer_than_needed_promises_nothing(target: float) -> None:
    needed = groups_needed(target)
    assert needed is not None
    scores = np.linspace(0.1, 0.9, needed)
    assert promise(scores, one_each(needed), target).threshold == 0.1
    short = promise(scores[1:], one_each(needed - 1), target)
    assert (short.threshold, short.interval, short.cases, short.needed) == (None, None, needed - 1, needed)
    # 1 patient with many photographs is 1, whatever their number.
    assert promise(scores, np.zeros(needed, dtype=int), target).threshold is None


def test_the_rank_and_the_interval_by_hand() -> None:
    """Of 20 the 95 % need rank ceil(21 · 0.95) = 20, of 39 rank 38: Beta(20, 1) and Beta(38, 2)."""
    twenty, thirty_nine = (promise(np.arange(n) / n, one_each(n), 0.95) for n in (20, 39))
    assert (twenty.threshold, thirty_nine.threshold) == (0.0, 1 / 39)
    for each, shape in ((twenty, (20, 1)), (thirty_nine, (38, 2))):
        assert each.interval is not None
        assert (each.interval.low, each.interval.high) == pytest.approx(tuple(beta.ppf([0.025, 0.975], *shape)))
        assert each.interval.method == "beta"
    # Beta(20, 1) is the largest of 20 uniform numbers: its quantile is q to the power of 1/20.
    assert twenty.interval is not None
    assert twenty.interval.low == pytest.approx(0.025 ** (1 / 20))


def test_equal_scores_are_found_together_and_the_interval_holds_what_they_give() -> None:
    constant = promise(np.full(25, 0.3), one_each(25), 0.9)
    assert constant.threshold == 0.3
    assert constant.interval is not None
    assert constant.interval.high == 1.0, "all cases have that score, and all are found"
    assert constant.to_json()["interval"] == [constant.interval.low, 1.0, "beta"]


def test_the_threshold_is_a_score_to_the_bit() -> None:
    """1 - (1 - 0.3) is above 0.3."""
    scores = np.full(30, 0.3)
    assert (scores >= promise(scores, one_each(30), 0.9).threshold).all()


def test_a_patient_with_many_photographs_counts_once() -> None:
    """One of 20 patients has 100 hard photographs: by photograph they are 84 % of all, by patient 5 %."""
    scores = np.concatenate([np.linspace(0.5, 0.9, 19), np.full(100, 0.1)])
    patients = np.concatenate([np.arange(19), np.full(100, 19)])
    found = promise(scores, patients, 0.8)
    assert (found.groups, found.cases) == (20, 119)
    assert found.threshold == 0.1, "four in five photographs must be found too"
    # One with many easy photographs: they do not make up for four hard patients of twenty.
    scores = np.concatenate([np.linspace(0.1, 0.5, 19), np.full(100, 0.9)])
    assert promise(scores, patients, 0.8).threshold == pytest.approx(np.linspace(0.1, 0.5, 19)[3])


def test_equal_patients_with_equal_photographs_are_as_many_cases() -> None:
    scores, cases = np.random.default_rng(0).random(60), np.arange(60)
    single = promise(scores, cases, 0.9)
    doubled = promise(np.repeat(scores, 2), np.repeat(cases, 2), 0.9)
    assert doubled.threshold == single.threshold
    assert doubled.interval is not None
    assert single.interval is not None
    assert doubled.interval.low == pytest.approx(single.interval.low), "twice the same photograph tells nothing more"


def test_a_refusal_in_words() -> None:
    few = Promise(0.95, 12, 12, 19)
    assert refusal(few, "malignant") == ("12 cases malignant cannot promise 95 %, for which 19 cases are needed")
    assert refusal(Promise(0.95, 12, 1, 19, word="lesions"), "malignant") == (
        "1 lesion with 12 cases malignant cannot promise 95 %, for which 19 lesions are needed"
    )
    assert refusal(Promise(1.0, 12, 12, None), "malignant").endswith("for which no number is enough")


def drawn(rng: np.random.Generator, patients: int, most: int, *, hard_patients_have_more: bool = False):
    """Return scores and patients: half of the variance between patients, 1 to ``most`` photographs each."""
    effect = rng.normal(size=patients)
    if hard_patients_have_more:
        ranks = np.argsort(np.argsort(-effect)) / patients
        counts = 1 + np.floor((most - 1) * (ranks + rng.random(patients)) / 2 + 0.5).astype(int)
    else:
        counts = rng.integers(1, most + 1, size=patients)
    own = np.repeat(np.arange(patients), counts)
    return effect[own] + rng.normal(size=len(own)), own


def old_threshold(scores: np.ndarray, target: float) -> float:
    """The threshold that finds the share of the cases it is chosen on, as it was before."""
    return float(np.sort(scores)[::-1][int(np.ceil(target * len(scores) - 1e-9)) - 1])


@pytest.mark.parametrize("hard_patients_have_more", [False, True])
@pytest.mark.parametrize("most", [1, 10, 50])
@pytest.mark.parametrize(("patients", "target"), [(20, 0.95), (60, 0.95), (14, 0.9), (100, 0.98)])
def test_the_promise_is_kept_on_average(
    patients: int, target: float, most: int, *, hard_patients_have_more: bool
) -> None:
    rng = np.random.default_rng(20)
    population, _ = drawn(rng, 8_000, most, hard_patients_have_more=hard_patients_have_more)
    scores = np.sort(population)
    shares, held, refused = [], [], 0
    for _ in range(200):
        sample = drawn(rng, patients, most, hard_patients_have_more=hard_patients_have_more)
        found = promise(*sample, target)
        if found.threshold is None:
            refused += 1
            continue
        assert found.interval is not None
        share = 1 - np.searchsorted(scores, found.threshold) / len(scores)
        shares.append(share)
        held.append(found.interval.low <= share <= found.interval.high)
    assert refused == 0
    error = np.std(shares) / np.sqrt(len(shares))
    assert np.mean(shares) > target - 2 * error
    assert np.mean(held) > 0.9


def test_what_was_chosen_before_kept_no_promise() -> None:
    """Of 20 malignant cases rank 19 finds 90.5 % on average, though it was for 95 %."""
    rng = np.random.default_rng(0)
    shares = [1 - (rng.random(20_000) < old_threshold(rng.random(20), 0.95)).mean() for _ in range(300)]
    assert np.mean(shares) == pytest.approx(19 / 21, abs=0.01)
