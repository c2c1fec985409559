"""Splits of synthetic tables: by shares, by folds, by the publisher; and what later runs make of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derm_cli.data.locating import LocatedDataset
from derm_cli.data.records import DROPPED, Records
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.grouping import group_numbers
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.data.splitting.split import Split, source_of, split_all, split_text
from derm_cli.errors import DermError
from derm_cli.plan import OfficialSplit
from derm_cli.plugin import DatasetSpec, LesionClass
from tests.support.run_folders import PLAN

NAME = "clinic"
OFFICIAL = replace(PLAN, official_splits=(OfficialSplit(dataset=NAME, name="the clinic's lists"),))


def records_of(frame: pd.DataFrame) -> Records:
    """Return a dataset with the rows of ``frame``: label, and what else there is."""
    whole = pd.DataFrame({"case_id": frame.index.astype(str), "file": "x.png", "diagnosis": ""}, index=frame.index)
    whole = pd.concat([whole.drop(columns=[each for each in whole if each in frame]), frame], axis=1)
    if "sha256" not in whole:
        whole["sha256"] = "content of " + whole["case_id"]
    classes = tuple(LesionClass(name=name, title=name) for name in sorted(set(frame["label"])))
    spec = DatasetSpec(
        name=NAME,
        title="Made",
        classes=classes,
        records=lambda _: frame,
        modality="clinical",
        official_split="the clinic's lists",
        **dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-"),
    )
    empty = pd.DataFrame(columns=list(DROPPED), dtype=str)
    return Records(LocatedDataset(NAME, spec, None, ()), classes, whole.reset_index(drop=True), empty)


def split(frame, plan=PLAN, runs=None, duplicates=None) -> Split:
    """Split, and have it remembered where ``runs`` is a folder."""
    ledgers = SplitLedgers(runs) if runs else Forgetful()
    result = split_all({NAME: records_of(frame)}, plan, ledgers, None if duplicates is None else {NAME: duplicates})[
        NAME
    ]
    assert ledgers.write()
    return result


class Forgetful(SplitLedgers):
    """Remembers nothing and writes nothing."""

    def __init__(self):
        pass

    def read(self, name, empty, parts):
        return empty

    def put(self, name, ledger):
        pass

    def write(self):
        return True


@st.composite
def tables(draw, least=4, most=16):
    """Classes of patients with one to four photographs, some with lesions of two classes, some files twice."""
    rows = []
    for label in "ABC"[: draw(st.integers(2, 3))]:
        for number in range(draw(st.integers(least, most))):
            for index in range(draw(st.integers(1, 4))):
                rows.append((label, f"{label}{number}", f"{label}{number}-{index // 2}"))
    frame = pd.DataFrame(rows, columns=["label", "patient", "lesion"])
    for one, other in draw(st.lists(st.tuples(*[st.integers(0, len(frame) - 1)] * 2), max_size=2)):
        # A patient with lesions of two classes, but never so that a class has one patient alone.
        if frame["label"][one] != frame["label"][other]:
            frame.loc[one, "patient"] = frame["patient"][other]
    frame["sha256"] = [f"content {number}" for number in range(len(frame))]
    if draw(st.booleans()):
        one, other = draw(st.tuples(*[st.integers(0, len(frame) - 1)] * 2))
        frame.loc[one, "sha256"] = frame["sha256"][other]
    return frame


def assert_no_group_crosses(frame, result):
    for column in ("patient", "lesion", "sha256"):
        assert pd.Series(result.parts).groupby(frame[column].to_numpy()).nunique().max() == 1
    assert pd.Series(result.parts).groupby(result.groups).nunique().max() == 1


@settings(deadline=None, max_examples=50)
@given(frame=tables(), seed=st.integers(0, 9), share=st.sampled_from([0.1, 0.2, 0.4]))
def test_no_group_crosses_and_every_class_is_tested_and_trained(frame, seed, share):
    result = split(frame, replace(PLAN, seed=seed, test_share=share))
    assert_no_group_crosses(frame, result)
    for _, parts in pd.Series(result.parts).groupby(frame["label"].to_numpy()):
        assert {TEST, TRAIN} <= set(parts) <= {TEST, TRAIN, VALIDATION}
    assert set(result.sources) == {"own"}


@settings(deadline=None, max_examples=30)
@given(frame=tables(least=1), seed=st.integers(0, 9), share=st.sampled_from([0.0, 0.1, 0.4]))
def test_at_a_test_share_of_0_everything_is_trained_on_but_a_validation_part(frame, seed, share):
    result = split(frame, replace(PLAN, seed=seed, test_share=0.0, validation_share=share))
    assert_no_group_crosses(frame, result)
    assert set(result.parts) <= ({TRAIN, VALIDATION} if share else {TRAIN})
    for _, parts in pd.Series(result.parts).groupby(frame["label"].to_numpy()):
        assert TRAIN in set(parts)
    assert set(result.sources) == {"own"}


def test_a_test_share_of_0_keeps_its_validation_part_and_says_that_nobody_is_kept(tmp_path):
    frame = pd.DataFrame({"label": ["A", "B"] * 12})
    plan = replace(PLAN, test_share=0.0, validation_share=0.3)
    first = split(frame, plan, tmp_path)
    assert sorted(path.name for path in (tmp_path / "splits").glob("*.csv")) == ["clinic-seed0-test0-validation0.3.csv"]
    assert split(frame, plan, tmp_path).parts.tolist() == first.parts.tolist()
    assert split_text(plan, NAME) == "nobody of clinic (--test-share 0)"


def test_an_official_test_part_stays_at_a_test_share_of_0():
    frame = pd.DataFrame({"label": ["A", "B"] * 4, "split": ["train"] * 4 + ["test"] * 4})
    result = split(frame, replace(OFFICIAL, test_share=0.0, validation_share=0.0))
    assert result.parts.tolist() == ["train"] * 4 + ["test"] * 4
    assert set(split(frame, replace(PLAN, test_share=0.0, validation_share=0.0)).parts) == {TRAIN}


@settings(deadline=None, max_examples=50)
@given(frame=tables(least=6), folds=st.integers(2, 4), seed=st.integers(0, 5))
def test_every_group_is_in_the_test_of_one_fold(frame, folds, seed):
    plan = replace(PLAN, folds=folds, seed=seed)
    result = [split(frame, replace(plan, fold=fold + 1)) for fold in range(folds)]
    for each in result:
        assert_no_group_crosses(frame, each)
        for _, parts in pd.Series(each.parts).groupby(frame["label"].to_numpy()):
            assert {TEST, TRAIN} <= set(parts)
    assert (sum((each.parts == TEST).astype(int) for each in result) == 1).all()


@settings(deadline=None, max_examples=40)
@given(frame=tables(), seed=st.integers(0, 5), shuffle=st.randoms())
def test_the_order_of_the_table_decides_nothing(frame, seed, shuffle):
    order = list(frame.index)
    shuffle.shuffle(order)
    plan = replace(PLAN, seed=seed)
    ours, theirs = split(frame, plan), split(frame.loc[order], plan)
    assert (ours.parts[order] == theirs.parts).all()


@settings(deadline=None, max_examples=40)
@given(frame=tables(least=6), random_seed=st.integers(0, 2**32 - 1), folds=st.sampled_from([0, 3]))
def test_photographs_that_are_added_move_none(tmp_path_factory, frame, random_seed, folds):
    """Patients are added in three steps; each photograph keeps the part that it first had."""
    runs, random = tmp_path_factory.mktemp("runs"), np.random.default_rng(random_seed)
    plan = replace(PLAN, folds=folds, fold=1) if folds else PLAN
    whole = records_of(frame).frame
    groups = group_numbers(whole)
    # Of each class the first four patients are there from the beginning: what is split has every class.
    there = set()
    for label in set(frame["label"]):
        there |= set(pd.unique(groups[frame["label"].to_numpy() == label])[:4])
    seen: dict[str, str] = {}
    for _ in range(3):
        part = frame[[each in there for each in groups]]
        result = split(part, plan, runs)
        assert_no_group_crosses(part, result)
        for content, where in zip(part["sha256"], result.parts, strict=True):
            assert seen.setdefault(content, where) == where
        there |= {each for each in set(groups) if random.random() < 0.5}
    again = split(part.sample(frac=1, random_state=1), plan, runs)
    assert sorted(again.parts) == sorted(result.parts)


def patients(count, label="A", photographs=2, prefix=""):
    names = [f"{prefix}{label}{number}" for number in range(count) for _ in range(photographs)]
    return pd.DataFrame({"label": label, "patient": names}, index=[f"{name}-{i}" for i, name in enumerate(names)])


TWO = pd.concat([patients(20), patients(20, "B")])


def by_case(frame, result):
    return dict(zip(records_of(frame).frame["case_id"], result.parts, strict=True))


def test_new_photographs_of_a_patient_join_him_wherever_he_is(tmp_path):
    before = by_case(TWO, split(TWO, runs=tmp_path))
    more = pd.DataFrame({"label": TWO["label"], "patient": TWO["patient"]})
    more.index = [f"new-{each}" for each in more.index]
    both = pd.concat([TWO, more])
    after = by_case(both, split(both, runs=tmp_path))
    assert {case: after[case] for case in before} == before
    assert {case: after[f"new-{case}"] for case in before} == before


def test_new_patients_bring_the_shares_back(tmp_path):
    """Where all that was tested on is gone, the new ones make up for it."""
    first = split(TWO, runs=tmp_path)
    left = TWO[first.parts != TEST]
    both = pd.concat([left, patients(8, "A", prefix="n"), patients(8, "B", prefix="n")])
    result = split(both, runs=tmp_path)
    assert not (result.parts[: len(left)] == TEST).any()
    assert (result.parts == TEST).sum() == pytest.approx(0.2 * len(both), abs=2)


def test_a_photograph_that_comes_back_has_its_old_part(tmp_path):
    before = by_case(TWO, split(TWO, runs=tmp_path))
    gone = TWO[TWO["patient"] != "A3"]
    split(gone, runs=tmp_path)
    assert by_case(TWO, split(TWO, runs=tmp_path)) == before


def test_the_validation_share_changes_no_test_part_and_has_a_memory_of_its_own(tmp_path):
    tested = {}
    for share in (0.1, 0.0, 0.3, 0.1):
        result = split(TWO, replace(PLAN, validation_share=share), tmp_path)
        tested[share] = result.parts == TEST
        assert (tested[share] == tested[0.1]).all()
        assert (result.parts == VALIDATION).sum() == {0.1: 8, 0.0: 0, 0.3: 20}[share]
    names = sorted(path.name for path in (tmp_path / "splits").glob("*.csv"))
    assert names == [
        "clinic-seed0-test0.2-validation0.1.csv",
        "clinic-seed0-test0.2-validation0.3.csv",
        "clinic-seed0-test0.2.csv",
    ]


def test_other_seeds_and_shares_and_runs_folders_remember_nothing_of_each_other(tmp_path):
    first = split(TWO, runs=tmp_path / "one")
    left = TWO[first.parts != TEST]
    for plan in (replace(PLAN, seed=1), replace(PLAN, test_share=0.3)):
        assert (split(left, plan, tmp_path / "one").parts == TEST).any()
    assert (split(left, runs=tmp_path / "two").parts == TEST).any()
    with pytest.raises(DermError, match="cannot keep the split of earlier runs, for the 32 photographs of class 'A'"):
        split(left, runs=tmp_path / "one")


@pytest.mark.parametrize("values", [{}, {"folds": 3, "fold": 2}, {"test_share": 0.0}])
def test_the_split_seed_draws_the_split_whatever_the_seed(tmp_path, values):
    first = replace(PLAN, seed=5, **values)
    parts = split(TWO, first, tmp_path / "one").parts
    ledgers = sorted(path.name for path in (tmp_path / "one" / "splits").glob("*.csv"))
    for seed in (0, 1):
        plan = replace(first, seed=seed, split_seed=5)
        assert (split(TWO, plan, tmp_path / "two").parts == parts).all()
        assert "(seed 5)" in split_text(plan, NAME) or not values.get("test_share", 1)
        assert (split(TWO, replace(first, seed=seed)).parts != parts).any()
    assert sorted(path.name for path in (tmp_path / "two" / "splits").glob("*.csv")) == ledgers


def test_a_new_photograph_that_joins_two_parts_is_refused(tmp_path):
    before = by_case(TWO, split(TWO, runs=tmp_path))
    tested = next(case for case in before if before[case] == TEST)
    trained = next(case for case in before if before[case] != TEST)
    frame = TWO.assign(lesion="")
    frame.loc[trained, "lesion"] = "joined"
    frame.loc["new"] = ["A", TWO.loc[tested, "patient"], "joined"]
    with pytest.raises(DermError, match=rf"'{trained}' \(rest\) and '{tested}' \(test\) by the new 'new'\. Take out"):
        split(frame, runs=tmp_path)
    with pytest.raises(DermError, match="belongs together now"):
        split(frame, replace(PLAN, folds=4, fold=1), both_folds(tmp_path, TWO))
    assert (split(frame, replace(PLAN, seed=1), tmp_path).parts == TEST).any()


def both_folds(tmp_path, frame):
    """Have a split in folds where the two first patients of the refusal lie apart."""
    split(frame, replace(PLAN, folds=4, fold=1), tmp_path / "folds")
    return tmp_path / "folds"


def test_what_looks_the_same_stays_together():
    result = split(TWO, duplicates=np.array([[0, 79], [10, 60]]))
    assert result.parts[0] == result.parts[1] == result.parts[78] == result.parts[79]
    assert result.parts[10] == result.parts[60]


def test_a_class_of_fewer_patients_than_folds_is_refused():
    frame = pd.concat([TWO, patients(3, "C")])
    with pytest.raises(DermError) as refused:
        split(frame, replace(PLAN, folds=4, fold=1))
    assert str(refused.value) == (
        "Dataset 'clinic' cannot be split into 4 folds: the 6 photographs of class 'C' belong to 3 patients or "
        "lesions. Take fewer folds, or leave the class out with --leave-out clinic:C."
    )
    assert (split(frame, replace(PLAN, folds=3, fold=2)).parts == TEST).any()
    assert source_of(replace(PLAN, folds=3, fold=2), NAME) == "own, fold 2 of 3"


def test_other_datasets_than_the_target_are_split_by_their_share_in_every_fold():
    elsewhere = replace(PLAN, target="other", folds=4, fold=1)
    assert (split(TWO, elsewhere).parts == split(TWO, replace(elsewhere, fold=3)).parts).all()
    assert (split(TWO, elsewhere).parts == split(TWO).parts).all()


def official(*parts):
    frame = TWO.copy()
    frame["split"] = [None if each == "-" else each for each in parts]
    return frame


def parts_by_patient(*shares):
    """Return a part for each row of TWO: so many of twenty patients of each class to each part."""
    of_class = [part for part, count in shares for _ in range(2 * count)]
    return of_class * 2


def test_the_official_split_is_taken_as_it_is():
    parts = parts_by_patient(("train", 12), ("validation", 4), ("test", 4))
    result = split(official(*parts), OFFICIAL)
    assert result.parts.tolist() == parts
    assert set(result.sources) == {"the clinic's lists"}
    assert split_text(OFFICIAL, NAME) == "the test part of clinic's official split: the clinic's lists"


def test_without_a_validation_share_its_validation_part_is_trained_on():
    parts = parts_by_patient(("train", 12), ("validation", 4), ("test", 4))
    result = split(official(*parts), replace(OFFICIAL, validation_share=0.0))
    assert result.parts.tolist() == [TRAIN if each == VALIDATION else each for each in parts]


def test_without_a_validation_part_some_of_its_training_part_is_validated_on(tmp_path):
    parts = parts_by_patient(("train", 16), ("test", 4))
    result = split(official(*parts), OFFICIAL, tmp_path)
    assert [TEST if each == TEST else TRAIN for each in result.parts] == parts
    assert (result.parts == VALIDATION).sum() == 8
    assert set(result.sources[result.parts == VALIDATION]) == {"own"}
    assert [path.name for path in (tmp_path / "splits").glob("*.csv")] == ["clinic-official-seed0-validation0.1.csv"]


def test_what_is_in_no_official_part_is_neither_trained_nor_tested_on():
    parts = parts_by_patient(("train", 12), ("-", 4), ("test", 4))
    result = split(official(*parts), OFFICIAL)
    assert (result.parts == "").sum() == 16
    assert set(result.reasons[result.parts == ""]) == {"it is in no part of the official split (the clinic's lists)"}
    assert not any(result.reasons[result.parts != ""])


def test_an_official_split_that_leaks_is_refused_and_its_cases_are_named():
    parts = parts_by_patient(("train", 12), ("validation", 4), ("test", 4))
    parts[0], parts[2], parts[4], parts[6], parts[8] = ["test"] * 5
    with pytest.raises(DermError) as refused:
        split(official(*parts), OFFICIAL)
    assert str(refused.value) == (
        "The official split of dataset 'clinic' (the clinic's lists) leaks: 'A0-0' of clinic (test) and 'A0-1' of "
        "clinic (train): the same patient; 'A1-2' of clinic (test) and 'A1-3' of clinic (train): the same patient; "
        "'A2-4' of clinic (test) and 'A2-5' of clinic (train): the same patient, and 2 more. Split it anew with "
        "--split own, or take such photographs out."
    )


@pytest.mark.parametrize("shared", ["lesion", "sha256", "looks"])
def test_an_official_split_that_leaks_otherwise_is_refused_too(shared):
    frame = official(*parts_by_patient(("train", 12), ("validation", 4), ("test", 4)))
    frame["lesion"], frame["sha256"] = "", [f"content {number}" for number in range(len(frame))]
    first, last = frame.index[[0, 39]]
    if shared != "looks":
        frame.loc[[first, last], shared] = "shared"
    duplicates = np.array([[0, 39]]) if shared == "looks" else None
    with pytest.raises(DermError, match=rf"leaks: .*'{first}'.*: (the same (lesion|file)|look alike)\. Split it anew"):
        split(frame, OFFICIAL, duplicates=duplicates)


def test_validation_that_leaks_into_training_matters_only_where_there_is_validation():
    parts = parts_by_patient(("train", 12), ("validation", 4), ("test", 4))
    parts[0] = VALIDATION
    with pytest.raises(DermError, match=r"'A0-1' of clinic \(train\) and 'A0-0' of clinic \(validation\)"):
        split(official(*parts), OFFICIAL)
    split(official(*parts), replace(OFFICIAL, validation_share=0.0))


def test_a_class_that_the_official_split_does_not_test_on_is_told_of(capsys):
    parts = ["train"] * 30 + ["test"] * 10 + ["train"] * 40
    split(official(*parts), OFFICIAL)
    assert "tests on no photograph of class 'B': --split own would." in capsys.readouterr().err
