import numpy as np
import pytest

from derm_cli.evaluation.metrics.confusion import (
    Margins,
    class_metrics,
    confusion_matrix,
    count_cells,
    mean_defined,
    overall_metrics,
    ratio,
)


def test_a_weighted_matrix_is_that_of_the_repeated_cases() -> None:
    rng = np.random.default_rng(0)
    cells, weights = rng.integers(9, size=40), rng.integers(0, 4, size=(3, 40))
    counts = confusion_matrix(cells, 3, weights)
    for draw, each in enumerate(weights):
        np.testing.assert_array_equal(counts[draw], confusion_matrix(np.repeat(cells, each), 3))
    np.testing.assert_array_equal(count_cells(cells, (3, 3), weights), counts)


def test_margins_of_draws_are_those_of_their_matrices() -> None:
    rng = np.random.default_rng(2)
    truth, predicted, weights = rng.integers(3, size=40), rng.integers(3, size=40), rng.integers(0, 4, size=(5, 40))
    margins = Margins.of_cases(truth, predicted, (3,), weights)
    matrices = Margins.of_matrix(confusion_matrix(truth * 3 + predicted, 3, weights))
    for name, values in vars(margins).items():
        np.testing.assert_array_equal(values, getattr(matrices, name))
    np.testing.assert_array_equal(margins.cases[:, 0], weights.sum(axis=1))


def test_the_margins_of_many_classes_take_no_square_of_memory() -> None:
    classes, cases = 50_000, 100
    truth = np.arange(cases) * 7
    margins = Margins.of_cases(truth, truth, (classes,), np.ones((20, cases)))
    assert margins.support.shape == (20, classes)


def test_nothing_of_nothing_is_unknown_without_a_warning() -> None:
    np.testing.assert_array_equal(ratio(np.array([0.0, 1.0]), np.array([0.0, 4.0])), [np.nan, 0.25])
    assert np.isnan(mean_defined(np.array([np.nan, np.nan])))
    assert mean_defined(np.array([np.nan, 0.5, 1.0])) == 0.75


def test_many_matrices_give_what_each_gives_alone() -> None:
    many = np.random.default_rng(1).integers(0, 5, size=(20, 4, 4)).astype(float)
    many[0] = 0
    for metrics in (class_metrics, overall_metrics):
        together = metrics(Margins.of_matrix(many))
        for row, each in enumerate(many):
            for name, value in metrics(Margins.of_matrix(each)).items():
                np.testing.assert_array_equal(together[name][row], value)


@pytest.mark.parametrize("name", ["kappa", "mcc"])
def test_agreement_by_chance_is_unknown_where_all_is_one_class(name: str) -> None:
    assert np.isnan(overall_metrics(Margins.of_matrix(np.array([[5.0, 0.0], [0.0, 0.0]])))[name])
