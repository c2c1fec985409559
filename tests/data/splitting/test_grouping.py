"""What belongs together, and its name."""

import numpy as np
import pandas as pd

from derm_cli.data.splitting.grouping import group_hashes, group_numbers


def test_groups_join_patients_lesions_and_equal_files():
    frame = pd.DataFrame(
        {
            "patient": ["p", "p", None, None, None, ""],
            "lesion": ["1", "2", "2", "3", "4", "5"],
            "sha256": ["x", "y", "z", "w", "w", "v"],
        }
    )
    groups = group_numbers(frame)
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] == groups[4]
    assert len(set(groups)) == 3


def test_what_looks_the_same_is_joined_with_all_that_hangs_on_it():
    frame = pd.DataFrame({"patient": ["p", "p", "q", "q", "r"]})
    groups = group_numbers(frame, np.array([[1, 2]]))
    assert groups[0] == groups[3] != groups[4]


def test_without_columns_each_record_is_alone():
    assert len(set(group_numbers(pd.DataFrame({"label": ["a", "b", "a"]})))) == 3


FRAME = pd.DataFrame(
    {
        "case_id": ["a", "b", "c", "d"],
        "patient": ["p2", "p1", None, None],
        "lesion": [None, None, "l", None],
        "sha256": ["1", "2", "3", "4"],
    }
)


def test_a_group_has_one_hash_that_hangs_on_the_salt_and_the_dataset():
    groups = group_numbers(FRAME, np.array([[0, 1]]))
    found = group_hashes(FRAME, groups, "clinic", b"salt")
    assert found[0] == found[1]
    assert len(set(found)) == 3
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in found)
    assert not set(found) & set(group_hashes(FRAME, groups, "clinic", b"other"))
    assert not set(found) & set(group_hashes(FRAME, groups, "elsewhere", b"salt"))


def test_a_patient_keeps_the_hash_when_photographs_are_added():
    before = group_hashes(FRAME, group_numbers(FRAME), "clinic", b"salt")
    more = pd.concat([FRAME, pd.DataFrame({"case_id": ["0"], "patient": ["p2"], "lesion": ["k"], "sha256": ["0"]})])
    after = group_hashes(more, group_numbers(more), "clinic", b"salt")
    assert after[:4].tolist() == before.tolist()
    assert after[4] == after[0]
