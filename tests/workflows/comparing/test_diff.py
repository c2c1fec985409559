"""What differs first, between facts, tables and networks."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.workflows.comparing.diff import difference_of_rows, difference_of_values, difference_of_variables


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"a": 1}, {"a": 2}, "a is '1' and '2'"),
        ({"a": {"b": [{"c": 1}, {"c": 2}]}}, {"a": {"b": [{"c": 1}, {"c": 3}]}}, "a.b.1.c is '2' and '3'"),
        ({"a": [1, 2]}, {"a": [1]}, "a is '1, 2' and '1'"),
        ({"a": [[1, 2], [3, 4]]}, {"a": [[1, 2], [3, 5]]}, "a.1 is '3, 4' and '3, 5'"),
        ({"a": None}, {"a": {"b": 1, "c": 2}}, "a.b is 'none' and '1'; 1 other too"),
        ({"a": 0.1}, {"a": 0.1 + 1e-18}, None),
        ({"a": 0.3}, {"a": 0.1 + 0.2}, "a is '0.3' and '0.30000000000000004'"),
        ({"a": None, "b": 1}, {"b": 1}, None),
        ({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 0, "c": 0, "d": 0}, "b is '2' and '0'; 2 others too"),
    ],
)
def test_facts(first, second, said):
    found = difference_of_values(first, second)
    assert (None if found is None else str(found)) == said


def named(row):
    return f"row {row['id']}"


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ([{"id": "1", "x": "7"}], [{"id": "1", "x": "7.0"}], "row 1: x is '7' and '7.0'"),
        ([{"id": "1", "x": ""}], [{"id": "1"}], None),
        ([{"id": "1"}], [{"id": "1", "x": "2"}], "row 1: x is 'none' and '2'"),
        ([{"id": "1", "t": "2"}], [{"id": "1", "t": "3"}], None),
        ([{"id": "1"}, {"id": "2"}], [{"id": "2"}, {"id": "1"}], "row 1: id is '1' and '2'"),
        ([{"id": "1"}], [{"id": "1"}, {"id": "2"}], "the number of rows is '1' and '2'; the first is row 2"),
    ],
)
def test_rows(first, second, said):
    found = difference_of_rows(first, second, named, left_out=("t",))
    assert (None if found is None else str(found)) == said


def array(*values, form="float32"):
    return np.array(values, form)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (array(1, np.nan), array(1, np.nan), None),
        (array(0.0), array(-0.0), "variable 'v'[0] is '0.0' and '-0.0'; 1 of 2 variables differ, by 0 at most"),
        (array(1, 2, 3), array(1, 4, 9), "variable 'v'[1] is '2.0' and '4.0'; 1 of 2 variables differ, by 6 at most"),
        (
            np.float32(1)[...],
            np.float32(3)[...],
            "variable 'v'[] is '1.0' and '3.0'; 1 of 2 variables differ, by 2 at most",
        ),
        (
            array(1),
            array(1, form="float16"),
            "variable 'v' is 'float32 (1,)' and 'float16 (1,)'; 1 of 2 variables differ",
        ),
        (
            array(1, 2),
            array(1),
            "variable 'v' is 'float32 (2,)' and 'float32 (1,)'; 1 of 2 variables differ",
        ),
    ],
)
def test_variables(first, second, said):
    found = difference_of_variables({"u": array(1), "v": first}, {"u": array(1), "v": second})
    assert (None if found is None else str(found)) == said


def test_a_variable_that_one_network_lacks():
    found = difference_of_variables({"u": array(1)}, {"u": array(2), "w": array(1)})
    assert str(found) == "variable 'u'[0] is '1.0' and '2.0'; 2 of 2 variables differ, by 1 at most"
    assert str(difference_of_variables({}, {"w": array(1)})) == (
        "variable 'w' is 'none' and 'float32 (1,)'; 1 of 1 variables differ"
    )
