"""Copies and look-alikes, within datasets and across them, and what contradicts itself."""

import pytest

from derm_cli.data.checking.same_photographs import (
    CombinedDatasets,
    contradicting_lesions,
    official_split_leaks,
    same_photographs,
)

NEVUS, MELANOMA = (
    "Benign:Benign melanocytic proliferations:Nevus",
    "Malignant:Malignant melanocytic proliferations (Melanoma)",
)
BENIGN = "Benign:Benign melanocytic proliferations"


def test_copies_of_one_class(make, told):
    assert told(same_photographs(CombinedDatasets([make(["A", "A", "B", "A"], sha256=["x", "y", "z", "x"])]))) == {
        "copies": [["0", "3"]]
    }


def test_copies_under_contradicting_classes_come_first(make, told):
    checked = make(["A", "B", "A", "A"], sha256=["x", "x", "y", "y"])
    assert list(told(same_photographs(CombinedDatasets([checked]))).items()) == [
        ("contradicting-copies", [["0", "1"]]),
        ("copies", [["2", "3"]]),
    ]


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({}, "look-alikes"),
        ({"patient": ["P", "Q", "R"]}, "look-alikes"),
        ({"patient": ["P", "P", "R"]}, "look-alikes-of-one"),
        ({"patient": ["P", "Q", "R"], "lesion": ["L", "L", "M"]}, "look-alikes-of-one"),
        ({"patient": [None, None, "R"]}, "look-alikes"),
        ({"patient": ["", "", "R"]}, "look-alikes"),
    ],
)
def test_look_alikes_by_what_is_known_of_them(make, fact, told, columns, kind):
    checked = make(["A", "A", "B"], of=[fact(1), fact(1), fact(2)], **columns)
    assert told(same_photographs(CombinedDatasets([checked]))) == {kind: [["0", "1"]]}


def test_look_alikes_under_contradicting_classes(make, fact, told):
    checked = make(["A", "B"], of=[fact(1), fact(1)], patient=["P", "P"])
    assert told(same_photographs(CombinedDatasets([checked]))) == {"contradicting-look-alikes": [["0", "1"]]}


def test_copies_are_not_told_again_as_look_alikes(make, fact, told):
    checked = make(["A", "A"], of=[fact(1), fact(1)], sha256=["x", "x"])
    assert told(same_photographs(CombinedDatasets([checked]))) == {"copies": [["0", "1"]]}


def test_a_copy_and_a_look_alike_of_it_are_told_as_both(make, fact, told):
    checked = make(["A", "A", "A"], of=[fact(1), fact(1), fact(1)], sha256=["x", "x", "y"])
    assert told(same_photographs(CombinedDatasets([checked]))) == {
        "copies": [["0", "1"]],
        "look-alikes": [["0", "1", "2"]],
    }


@pytest.mark.parametrize(
    ("here", "there", "kind"),
    [
        ({"nv": [NEVUS]}, {"NEV": [NEVUS]}, "copies-across"),
        ({"nv": [NEVUS]}, {"melanocytic": [BENIGN]}, "copies-across"),
        ({"nv": [NEVUS]}, {"MEL": [MELANOMA]}, "contradicting-copies"),
        ({"nv": [NEVUS]}, {"NV": []}, "copies-across"),
        ({"nv": [NEVUS]}, {"wart": []}, "contradicting-copies"),
    ],
)
def test_classes_of_several_datasets_are_compared_by_their_diagnoses(make, told, here, there, kind):
    one = make([*here], name="one", classes=here, sha256=["x"])
    other = make([*there], name="other", classes=there, sha256=["x"])
    (finding,) = same_photographs(CombinedDatasets([one, other]))
    assert finding.kind.name == kind
    assert [case.dataset for case in finding.cases] == ["one", "other"]


def test_look_alikes_across_datasets(make, fact, told):
    one = make(["A"], name="one", of=[fact(1)], patient=["P"])
    other = make(["A", "A"], name="other", of=[fact(2), fact(1)], patient=["P", "P"])
    assert told(same_photographs(CombinedDatasets([one, other]))) == {"look-alikes-across": [["0", "1"]]}


def test_the_same_patient_number_in_two_datasets_is_another_patient(make, fact):
    combined = CombinedDatasets([make(["A"], name=name, of=[fact(1)], patient=["P"]) for name in ("one", "other")])
    assert not combined.are_of_one([0, 1])


def test_pairs_of_one_dataset_are_in_its_own_rows(make, fact):
    one = make(["A", "A"], name="one", of=[fact(1), fact(2)])
    other = make(["A", "A", "A"], name="other", of=[fact(2), fact(3), fact(3)])
    combined = CombinedDatasets([one, other])
    assert combined.duplicates.tolist() == [[1, 2], [3, 4]]
    assert combined.duplicates_within(0).tolist() == []
    assert combined.duplicates_within(1).tolist() == [[1, 2]]


def test_a_lesion_of_several_classes(make, told):
    checked = make(["A", "B", "A", "A", "B"], lesion=["L", "L", "M", "M", None])
    (finding,) = contradicting_lesions(checked)
    assert told([finding]) == {"contradicting-lesion": [["0", "1"]]}
    assert not list(contradicting_lesions(make(["A", "B"])))


@pytest.mark.parametrize(
    ("columns", "leak"),
    [
        ({"patient": ["P", "Q", "P", None]}, "the same patient"),
        ({"lesion": ["L", "", "L", ""]}, "the same lesion"),
        ({"sha256": ["x", "y", "x", "z"]}, "the same file"),
    ],
)
def test_parts_of_an_official_split_that_share_something(make, columns, leak):
    checked = make(["A", "A", "A", "B"], official="theirs", split=["train", "train", "test", "test"], **columns)
    (finding,) = official_split_leaks(checked, CombinedDatasets([checked]).duplicates_within(0))
    assert [(case.case_id, case.detail) for case in finding.cases] == [("0", f"{leak}, train"), ("2", f"{leak}, test")]


def test_look_alikes_in_several_parts(make, fact):
    checked = make(["A", "A", "A"], of=[fact(1)] * 3, official="theirs", split=["train", "train", "test"])
    (finding,) = official_split_leaks(checked, CombinedDatasets([checked]).duplicates_within(0))
    assert [[case.case_id for case in group] for group in finding.groups] == [["0", "2"], ["1", "2"]]
    assert finding.cases[0].detail == "look the same, train"


def test_a_split_that_shares_nothing_or_is_no_official_one(make, fact):
    parts = {"split": ["train", "test", None], "patient": ["P", "Q", "P"]}
    clean = make(["A", "A", "A"], of=[fact(1), fact(2), fact(1)], official="theirs", **parts)
    unnamed = make(["A", "A", "A"], split=["train", "test", "test"], patient=["P", "P", "P"])
    for checked in (clean, unnamed, make(["A"], official="theirs")):
        assert not list(official_split_leaks(checked, CombinedDatasets([checked]).duplicates_within(0)))
