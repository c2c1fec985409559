"""The rows of a grid."""

from __future__ import annotations

import pytest

from derm_cli.errors import RequestError
from derm_cli.studies.asking.grid import MOST_ROWS, grid_rows, shown_value
from tests.support.studies import MadeOptions

GRID = {"backbone": ["small", "large"], "epochs": [1, 3]}


def rows(grid=GRID, exclude=(), common=None):
    return grid_rows(grid, exclude, common or {}, MadeOptions())


def test_there_is_a_row_for_every_combination_and_the_first_has_everything_at_its_default():
    found = rows()
    assert [tuple(row.options.values()) for row in found] == [("large", 3), ("large", 1), ("small", 3), ("small", 1)]
    assert found[0].name == "backbone large; epochs 3"


def test_the_default_is_the_one_beside_what_all_rows_have():
    assert rows({"epochs": [3, 1]}, common={"recipe": "paper"})[0].options == {"recipe": "paper", "epochs": 1}


def test_where_the_default_is_not_in_the_grid_the_first_value_comes_first():
    assert [row.options["backbone"] for row in rows({"backbone": ["b", "a"]})] == ["b", "a"]


def test_a_row_is_called_by_what_varies():
    assert [row.name for row in rows({"backbone": ["small"], "epochs": [1, 3]})] == ["epochs 3", "epochs 1"]
    assert [row.name for row in rows({"backbone": ["small"]})] == ["backbone small"]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ([{"backbone": "small"}], 2),
        ([{"backbone": "small", "epochs": 1}], 3),
        ([{"backbone": ["small", "large"], "epochs": 1}], 2),
        ([{"backbone": "small"}, {"epochs": 1}], 1),
    ],
)
def test_an_exclusion_takes_out_the_rows_that_have_all_of_its_values(exclude, left):
    assert len(rows(exclude=exclude)) == left


@pytest.mark.parametrize(
    ("exclude", "sentence"),
    [
        ([{"backbon": "small"}], "names 'backbon', which the grid does not vary. Did you mean 'backbone'?"),
        ([{"backbone": "smal"}], "names backbone 'smal', which the grid has not. Did you mean 'small'?"),
        ([{"epochs": 1}, {"epochs": 1}], "The exclusion 'epochs = 1' takes out no row that is still there"),
        ([{"epochs": [1, 3]}], "The exclusions leave no row of the grid: leave one of them out."),
    ],
)
def test_an_exclusion_that_cannot_be_meant_is_refused(exclude, sentence):
    with pytest.raises(RequestError) as refused:
        rows(exclude=exclude)
    assert sentence in str(refused.value)


def test_a_grid_of_too_many_rows_is_taken_for_a_mistake():
    with pytest.raises(RequestError, match=f"The grid has '{MOST_ROWS + 1}' rows, but a study has at most"):
        rows({"epochs": list(range(MOST_ROWS + 1))})


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "yes"), (False, "no"), (1e-4, "0.0001"), (["a=1", "b=2"], "a=1 b=2"), ([], "none"), ("", "none"), (3, "3")],
)
def test_values_are_shown_as_people_write_them(value, text):
    assert shown_value(value) == text
