"""Which runs can be averaged, and whom their ensemble is tested on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.errors import DermError, RequestError
from derm_cli.phase_options import Component
from derm_cli.plan import OfficialSplit, Preprocessing
from derm_cli.taxonomy import LesionClass
from derm_cli.workflows.runs.ensemble_members import members_of
from tests.support.member_runs import WITHOUT_TEST, fold, make_member
from tests.support.run_folders import CLASSES, PLAN, STAGE


def with_classes(*classes: LesionClass):
    return replace(PLAN, stages=(replace(STAGE, classes=classes),))


@pytest.fixture
def made(tmp_path):
    """Make runs of pairs of a plan and what else there is to a member, and check them as members."""

    def make(*runs):
        return members_of([make_member(tmp_path, f"{n}", plan, **more) for n, (plan, more) in enumerate(runs, start=1)])

    return make


def parts(members) -> dict[str, str]:
    return members.split.set_index("case_id")["part"].to_dict()


def test_runs_of_one_split_are_tested_on_what_all_have_left_alone(made):
    members = made((PLAN, {"validated": "d"}), (replace(PLAN, backbone="other"), {}), (PLAN, {}))
    assert members.backbone == "2 x made + 1 x other"
    assert members.plan == PLAN
    assert parts(members) == {**dict.fromkeys("abcd", "train"), "e": "test", "f": "test"}


@pytest.mark.parametrize(
    "runs",
    [
        [(fold(1, 3), {"tested": "ab"}), (fold(2, 3), {"tested": "cd"}), (fold(3, 3), {"tested": "ef"})],
        [(WITHOUT_TEST, {"tested": ""}), (replace(WITHOUT_TEST, seed=1), {"tested": "", "validated": "b"})],
    ],
    ids=["folds", "without a test"],
)
def test_of_all_folds_and_of_runs_without_a_test_nobody_is_kept(made, runs):
    members = made(*runs)
    assert not members.plan.keeps_test_part
    assert (members.plan.folds, members.plan.fold) == (0, 0)
    assert parts(members) == dict.fromkeys("abcdef", "train")
    assert set(members.split["source"]) == {"own"}


def test_what_no_fold_of_two_has_learnt_from_is_their_validation_part(made):
    members = made((fold(1, 2), {"tested": "abc", "validated": "f"}), (fold(2, 2), {"tested": "def", "validated": "c"}))
    assert parts(members) == {**dict.fromkeys("abde", "train"), "c": "validation", "f": "validation"}


def test_a_case_that_a_member_does_not_know_is_not_tested_on(made):
    members = made((PLAN, {"tested": "def"}), (PLAN, {"tested": "ef", "known": "abcef"}))
    assert parts(members) == {**dict.fromkeys("abc", "train"), "e": "test", "f": "test"}


def test_the_official_split_of_the_target_is_left_out_where_nobody_is_kept(made):
    """Folds take its place; that of another dataset of the chain stays."""
    other = OfficialSplit(dataset="other", name="lists")
    plan = replace(PLAN, official_splits=(OfficialSplit(dataset="clinic", name="lists"), other))
    members = made((fold(1, 2, plan), {"tested": "abc"}), (fold(2, 2, plan), {"tested": "def"}))
    assert members.plan.official_splits == (other,)
    assert not members.plan.keeps_test_part


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([(PLAN, {})], "'1' is no ensemble: name two runs or more"),
        ([(PLAN, {}), (replace(PLAN, target="other"), {})], "the target differ: 'clinic' and 'other'"),
        (
            [(PLAN, {}), (with_classes(CLASSES[0], LesionClass(name="BCC", title="b")), {})],
            "the classes differ: 'MEL, NEV' and 'MEL, BCC'",
        ),
        ([(PLAN, {}), (with_classes(*reversed(CLASSES)), {})], "the classes differ: 'MEL, NEV' and 'NEV, MEL'"),
        (
            [(PLAN, {}), (with_classes(CLASSES[0], LesionClass(name="NEV", title="n", diagnoses=("Benign",))), {})],
            r"the diagnoses of the classes differ: '\[\(\), \(\)\]' and '\[\(\), \('Benign',\)\]'",
        ),
        (
            [(PLAN, {}), (replace(PLAN, preprocessing=Preprocessing(size=32, resize="crop")), {})],
            "the preprocessing differ: '32x32, squash, nearest' and '32x32, crop, nearest'",
        ),
        (
            [(PLAN, {}), (replace(PLAN, preprocessing=Preprocessing(size=64)), {})],
            "the preprocessing differ: '32x32, squash, nearest' and '64x64, squash, nearest'",
        ),
        (
            [(PLAN, {}), (replace(PLAN, views=Component(name="flips")), {})],
            "the views differ: 'none' and 'flips'",
        ),
        (
            [(PLAN, {"tested": "ef"}), (PLAN, {"tested": "f"})],
            "Run '2' has learnt from 1 of the 2 photographs that run '1' is tested on, such as 'e'",
        ),
        (
            [(PLAN, {"tested": "ef"}), (PLAN, {"tested": "f", "validated": "e"})],
            "Run '2' has learnt from 1 of the 2 photographs that run '1' is tested on, such as 'e'",
        ),
        (
            [(PLAN, {"tested": "ef"}), (WITHOUT_TEST, {"tested": ""})],
            "Run '2' has learnt from 2 of the 2 photographs that run '1' is tested on",
        ),
        (
            [(fold(1, 3), {"tested": "ab"}), (fold(2, 3), {"tested": "cd"})],
            "Run '2' has learnt from 2 of the 2 photographs that run '1' is tested on, such as 'a', .*: name runs of "
            r"one split, all folds of one cross-validation, or runs that all keep nobody for a test \(--test-share 0\)",
        ),
        (
            [(fold(1, 2), {"tested": "abc"}), (replace(fold(2, 2), seed=1), {"tested": "def"})],
            "Run '2' has learnt from 3 of the 3 photographs that run '1' is tested on",
        ),
        (
            [(PLAN, {"tested": "ef", "known": "abef"}), (PLAN, {"tested": "cd", "known": "abcd"})],
            "The runs '1, 2' have no test photograph in common",
        ),
        ([(PLAN, {}), (PLAN, {"members": ("7", "8")})], r"Run '2' is an ensemble .* one of its members \(7, 8\)"),
    ],
)
def test_what_cannot_be_averaged_or_tested_fairly_is_refused(made, runs, said):
    with pytest.raises(DermError, match=said):
        made(*runs)


def test_a_run_that_is_named_twice_or_is_not_finished_is_refused(tmp_path):
    first, second = (make_member(tmp_path, name) for name in "12")
    with pytest.raises(RequestError, match="Run '1' is named twice: name each member once"):
        members_of([first, second, first])
    second.write(replace(second.record, status="failed"))
    with pytest.raises(DermError, match="Run '2' is failed, not finished"):
        members_of([first, second])
