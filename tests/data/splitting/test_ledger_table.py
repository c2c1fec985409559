"""What earlier runs decided holds."""

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.splitting.allocation import UNASSIGNED
from derm_cli.data.splitting.ledger_table import empty_ledger, fixed_parts, parts_in_ledger, with_new_parts
from derm_cli.errors import DermError

LEDGER = pd.DataFrame(
    [["1", "a", "test"], ["2", "b", "rest"], ["3", "c", "test"]], columns=["sha256", "case_id", "part"]
)


def frame(*rows):
    return pd.DataFrame(rows, columns=["case_id", "sha256"])


def test_a_photograph_is_known_by_its_content_whatever_it_is_called():
    assert parts_in_ledger(LEDGER, frame(("x", "2"), ("y", "3"), ("z", "9"))).tolist() == ["rest", "test", ""]


def test_a_photograph_that_was_stored_anew_is_known_by_its_case():
    assert parts_in_ledger(LEDGER, frame(("a", "8"), ("b", "2"))).tolist() == ["test", "rest"]


def test_a_case_that_went_to_another_photograph_tells_nothing():
    """Numbers that count rows move on when a row is put in."""
    assert parts_in_ledger(LEDGER, frame(("a", "0"), ("b", "1"), ("c", "2"))).tolist() == ["", "test", "rest"]


def test_where_contents_are_not_known_the_case_tells():
    assert parts_in_ledger(LEDGER, frame(("a", ""), ("d", ""))[["case_id"]]).tolist() == ["test", ""]


def test_only_new_contents_are_learnt():
    parts = np.array(["test", "rest", "rest"], dtype=object)
    extended = with_new_parts(LEDGER, frame(("x", "1"), ("d", "4"), ("e", "4")), parts)
    assert extended.to_numpy().tolist() == [*LEDGER.to_numpy().tolist(), ["4", "d", "rest"]]
    assert with_new_parts(LEDGER, frame(("x", "1")), parts[:1]) is LEDGER
    assert with_new_parts(empty_ledger(), frame(("x", "1")), parts[:1]).to_numpy().tolist() == [["1", "x", "test"]]


def test_a_group_is_held_to_what_is_known_of_it():
    earlier_parts = np.array(["test", "", "", "rest"], dtype=object)
    fixed = fixed_parts(earlier_parts, ["rest", "test"], np.array([0, 0, 1, 2]), list("abcd"), "clinic")
    assert fixed.tolist() == [1, UNASSIGNED, 0]


def test_what_joins_two_parts_is_refused_and_named():
    earlier_parts = np.array(["test", "", "rest", "test", "rest"], dtype=object)
    with pytest.raises(DermError) as refused:
        fixed_parts(earlier_parts, ["rest", "test"], np.array([0, 0, 0, 1, 1]), list("abcde"), "clinic")
    assert str(refused.value) == (
        "Dataset 'clinic' cannot keep the split of earlier runs, for what lies in different parts of it belongs "
        "together now, as one patient or lesion, as one file or as photographs that look the same: 'c' (rest) and 'a' "
        "(test) by the new 'b'; 'e' (rest) and 'd' (test). Take out the photographs that join them, or begin another "
        "split with another --split-seed."
    )


def test_many_are_counted():
    earlier_parts = np.array(["test", "rest"] * 5, dtype=object)
    with pytest.raises(DermError, match=", and 2 more"):
        fixed_parts(earlier_parts, ["rest", "test"], np.repeat(np.arange(5), 2), list("abcdefghij"), "clinic")
