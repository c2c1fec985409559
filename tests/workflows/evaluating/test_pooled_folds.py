"""The folds of one plan as one table, and how they are found."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.evaluation.baseline_predictions import BaselinePredictions, with_probabilities, write_baselines
from derm_cli.plan import Execution, OfficialSplit
from derm_cli.runs import layout
from derm_cli.workflows.evaluating.pooled_folds import PooledFolds, find_folds, fold_key, pooled_predictions
from derm_cli.workflows.evaluating.run_evaluation import predictions_of_run
from tests.support.member_runs import WITHOUT_TEST, fold, make_member
from tests.support.run_folders import PLAN, STAGE
from tests.support.synthetic_tables import small

CHAIN = replace(PLAN, stages=(replace(STAGE, datasets=("first",)), STAGE))


@pytest.fixture
def three(tmp_path):
    """Three folds of two cases each, in the folder of the test."""
    return tuple(
        make_member(tmp_path, f"{n}", fold(n, 3), tested=cases) for n, cases in enumerate(("ab", "cd", "ef"), 1)
    )


def test_each_case_is_answered_once_by_the_fold_that_had_not_seen_it(three):
    table, judgement = PooledFolds(three).judge()
    assert table.case_ids == tuple("abcdef")
    assert table.metadata["patient"].tolist() == [f"p{case}" for case in "abcdef"]
    assert judgement.evaluation.cases == 6
    assert judgement.evaluation.counts.tolist() == [[3, 0], [0, 3]]
    first, second, *rest = judgement.notes
    assert first.startswith("Pooled over 3 folds: each case was answered by the model that had not seen it.")
    assert second.startswith("No threshold is chosen: each fold has a validation part of its own")
    assert not any(note.startswith("There is no validation part") for note in rest)


def give_baselines(run, **reasons: str) -> None:
    """Give a member a constant baseline, and others that could not be computed, for a reason."""
    table = predictions_of_run(run)[0]
    constant = with_probabilities(table, np.tile([0.25, 0.75], (len(table.case_ids), 1)))
    baselines = [
        BaselinePredictions("constant", "a constant", "by hand", {}, constant),
        *(BaselinePredictions(name, name, reason=reason) for name, reason in reasons.items()),
    ]
    write_baselines(baselines, run / layout.BASELINES)
    known = {each.name: each.to_json() for each in baselines}
    (run / layout.EVALUATION).write_text(json.dumps({"baselines": known}))
    run.seal(layout.BASELINES, layout.EVALUATION)


def test_baselines_that_every_fold_has_are_pooled_too(three):
    assert PooledFolds(three).judge()[1].baselines is None
    give_baselines(three[0], features="random weights", answers="nobody was asked")
    assert PooledFolds(three).baselines() == ()
    for run in three[1:]:
        give_baselines(run, features="random weights")
    constant, features = PooledFolds(three).baselines()
    assert constant.predictions is not None
    assert constant.predictions.case_ids == tuple("abcdef")
    assert constant.how == "in each of 3 folds anew; in the first by hand"
    assert (features.predictions, features.reason) == (None, "random weights")
    compared = PooledFolds(three).judge()[1].baselines
    assert compared is not None
    assert compared.comparisons[0].differences["accuracy"].difference == pytest.approx(0.5)


def test_tables_are_put_behind_each_other_with_what_only_one_tells():
    one = small("AB", "AA", "AB", [[0.9, 0.1], [0.6, 0.4]], sex="fm")
    other = replace(small("B", "B", "AB", [[0.2, 0.8]], age="7"), case_ids=("x",))
    pooled = pooled_predictions([one, other])
    assert pooled.case_ids == ("0", "1", "x")
    assert pooled.labels.tolist() == ["A", "B", "B"]
    np.testing.assert_array_equal(pooled.probabilities, [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    assert {name: each.tolist() for name, each in pooled.metadata.items()} == {
        "sex": ["f", "m", ""],
        "age": ["", "", "7"],
    }


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (small("A", "A", "AB"), "Case '0' is tested on in two folds, which were split differently"),
        (small("A", "A", "AC"), "The folds have different classes"),
    ],
)
def test_tables_that_are_not_of_one_split_are_refused(other, said):
    with pytest.raises(DermError, match=said):
        pooled_predictions([small("AB", "AA", "AB"), other])


@pytest.mark.parametrize(
    ("plan", "other", "equal"),
    [
        (WITHOUT_TEST, fold(2, 5), True),
        (fold(1, 5), fold(2, 3), True),
        (PLAN, replace(PLAN, execution=Execution(precision="float32")), True),
        (PLAN, replace(PLAN, official_splits=(OfficialSplit(dataset="clinic", name="lists"),)), True),
        (CHAIN, replace(CHAIN, test_share=0.0), False),
        (replace(CHAIN, test_share=0.0), fold(2, 5, replace(CHAIN, test_share=0.0)), True),
        (CHAIN, replace(CHAIN, official_splits=(OfficialSplit(dataset="first", name="lists"),)), False),
        (PLAN, replace(PLAN, seed=1), False),
        (PLAN, replace(PLAN, split_seed=1), False),
        (replace(WITHOUT_TEST, split_seed=1), fold(2, 5, replace(PLAN, split_seed=1)), True),
        (PLAN, replace(PLAN, validation_share=0.0), False),
        (PLAN, replace(PLAN, augmentation=None), False),
    ],
)
def test_plans_are_the_same_but_for_what_of_the_target_is_tested_on(plan, other, equal):
    assert (fold_key(plan) == fold_key(other)) is equal


def test_the_cross_validation_of_a_plan_is_found_beside_a_run(tmp_path, three):
    last = make_member(tmp_path, "9", WITHOUT_TEST, tested="")
    assert find_folds(last).runs == three


@pytest.mark.parametrize(
    "change",
    [
        {"plan": replace(WITHOUT_TEST, seed=1)},
        {"data": {"clinic": "f" * 64}},
    ],
    ids=str,
)
def test_that_of_another_plan_or_of_other_data_is_not(tmp_path, three, change):
    last = make_member(tmp_path, "9", **{"plan": WITHOUT_TEST, "tested": "", **change})
    assert find_folds(last) is None


def test_folds_that_are_not_whole_or_not_finished_or_damaged_are_none(tmp_path):
    last = make_member(tmp_path, "9", WITHOUT_TEST, tested="")
    runs = [make_member(tmp_path, f"{n}", fold(n, 2), tested=cases) for n, cases in ((1, "abc"), (2, "def"))]
    runs[1].write(replace(runs[1].record, status="failed"))
    assert find_folds(last) is None
    runs[1].write(replace(runs[1].record, status="finished"))
    assert find_folds(last).runs == tuple(runs)
    (runs[0] / "plan.json").write_text("{}")
    assert find_folds(last) is None
    (runs[0] / "run.json").write_text("{")
    assert find_folds(last) is None


def test_of_several_the_latest_run_of_each_fold_and_the_number_made_whole_last(tmp_path, three):
    last = make_member(tmp_path, "9", WITHOUT_TEST, tested="")
    again = make_member(tmp_path, "4", fold(2, 3), tested="cd")
    assert find_folds(last).runs == (three[0], again, three[2])
    two = [
        make_member(tmp_path, name, fold(n, 2), tested=cases) for name, n, cases in (("5", 1, "abc"), ("6", 2, "def"))
    ]
    assert find_folds(last).runs == tuple(two)


def test_an_ensemble_of_folds_has_its_members_though_others_are_later(tmp_path, three):
    for number, cases in ((1, "abc"), (2, "def")):
        make_member(tmp_path, f"5{number}", fold(number, 2), tested=cases)
    run = make_member(tmp_path, "9", WITHOUT_TEST, tested="", members=("1", "2", "3"))
    assert find_folds(run).runs == three
    of_others = make_member(tmp_path, "91", WITHOUT_TEST, tested="", members=("7", "8"))
    assert [each.id for each in find_folds(of_others).runs] == ["51", "52"]
