"""What two parts have in common is found and named."""

import pandas as pd
import pytest

from derm_cli.data.splitting.leaks import leaks_in, leaks_text

CASES = pd.DataFrame(
    [
        ["one", "a", "train", "p1", "l1", "1"],
        ["one", "b", "train", "p1", "l1", "2"],
        ["one", "c", "validation", "p2", "", "3"],
        ["one", "d", "test", "p3", None, "4"],
        ["two", "d", "train", "p3", "l1", "5"],
    ],
    columns=["dataset", "case_id", "part", "patient", "lesion", "sha256"],
)


def test_a_split_without_a_leak_has_none():
    assert leaks_in(CASES) == [], "patients and lesions of two datasets are not the same"
    assert leaks_in(CASES[["dataset", "case_id", "part"]]) == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("patient", "p1", "'d' of one (test) and 'a' of one (train): the same patient"),
        ("lesion", "l1", "'d' of one (test) and 'a' of one (train): the same lesion"),
        ("sha256", "3", "'d' of one (test) and 'c' of one (validation): the same file"),
        ("sha256", "5", "'d' of one (test) and 'd' of two (train): the same file"),
    ],
)
def test_what_is_shared_is_named(column, value, said):
    changed = CASES.copy()
    changed.loc[3, column] = value
    assert leaks_text(leaks_in(changed)) == said


def test_photographs_that_look_the_same_are_named_in_whichever_order():
    alike = pd.DataFrame(
        [["two", "d", "one", "d"], ["one", "a", "one", "b"], ["one", "a", "one", "c"], ["one", "z", "one", "d"]],
        columns=["dataset", "case_id", "other_dataset", "other_case_id"],
    )
    assert [str(each) for each in leaks_in(CASES, alike)] == [
        "'d' of two (train) and 'd' of one (test): look alike",
        "'a' of one (train) and 'c' of one (validation): look alike",
    ]


def test_many_leaks_are_counted():
    frame = pd.DataFrame(
        {
            "dataset": "one",
            "case_id": [str(number) for number in range(10)],
            "part": ["train", "test"] * 5,
            "patient": [str(number // 2) for number in range(10)],
        }
    )
    said = leaks_text(leaks_in(frame))
    assert said.count("the same patient") == 3
    assert said.endswith(", and 2 more")
