import numpy as np
import pytest

from derm_cli.evaluation.metrics.confusion import class_shares, confusion, mean_known, over, overall_shares, tally


def test_a_weighted_matrix_is_that_of_the_repeated_cases() -> None:
    rng = np.random.default_rng(0)
    cells, weights = rng.integers(9, size=40), rng.integers(0, 4, size=(3, 40))
    found = confusion(cells, 3, weights)
    for draw, each in enumerate(weights):
        np.testing.assert_array_equal(found[draw], confusion(np.repeat(cells, each), 3))
    np.testing.assert_array_equal(tally(cells, (3, 3), weights), found)


def test_nothing_of_nothing_is_unknown_without_a_warning() -> None:
    np.testing.assert_array_equal(over(np.array([0.0, 1.0]), np.array([0.0, 4.0])), [np.nan, 0.25])
    assert np.isnan(mean_known(np.array([np.nan, np.nan])))
    assert mean_known(np.array([np.nan, 0.5, 1.0])) == 0.75


def test_many_matrices_give_what_each_gives_alone() -> None:
    many = np.random.default_rng(1).integers(0, 5, size=(20, 4, 4)).astype(float)
    many[0] = 0
    for shares in (class_shares, overall_shares):
        together = shares(many)
        for place, each in enumerate(many):
            for name, value in shares(each).items():
                np.testing.assert_array_equal(together[name][place], value)


@pytest.mark.parametrize("name", ["kappa", "mcc"])
def test_agreement_by_chance_is_unknown_where_all_is_one_class(name: str) -> None:
    assert np.isnan(overall_shares(np.array([[5.0, 0.0], [0.0, 0.0]]))[name])
