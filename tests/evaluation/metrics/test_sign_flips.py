"""The sign-flip test: against all signs by hand, McNemar's exact test, and a published example."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest

from derm_cli.evaluation.metrics.sign_flips import Contributions, sign_flip_p

THYROIDS = np.array([2, 2, 1, 1, 1, -1, *[0] * 15], dtype=float)
"""By how many of a patient's lesions SPECT finds more than PET, of 21 patients (Obuchowski 1998)."""


def contributions(differences) -> Contributions:
    differences = np.asarray(differences, dtype=float)
    return Contributions.of(differences, np.full(len(differences), 1 / len(differences)))


def test_the_statistic_is_the_published_one() -> None:
    """2.86 for the thyroid lesions by Obuchowski's test, as Durkalski et al. (2003) give it; McNemar's would be 4.5."""
    found = contributions(THYROIDS)
    assert found.statistic**2 * 20 / 21 == pytest.approx(2.86, abs=0.005)
    discordant = np.abs(THYROIDS).sum()
    assert THYROIDS.sum() ** 2 / discordant == pytest.approx(4.5)


@pytest.mark.parametrize("differences", [THYROIDS, [0.3, -0.1, 0.25, 0.7, 0.2], [3, 1, 1, -2, 0, 0, 4, 1], [0.1, 0.2]])
def test_few_signs_are_all_tried(differences) -> None:
    sizes = np.abs(differences)
    nonzero = sizes[sizes > 0]
    reached = abs(np.sum(differences)) - 1e-9
    expected = np.mean([abs(np.dot(signs, nonzero)) >= reached for signs in product((-1, 1), repeat=len(nonzero))])
    assert sign_flip_p(contributions(differences)) == pytest.approx(expected)


@pytest.mark.parametrize(("more", "less"), [(5, 0), (6, 1), (16, 6), (40, 20), (300, 250), (3, 3)])
def test_with_a_case_a_patient_it_is_mcnemar_s_exact_test(more: int, less: int) -> None:
    differences = [1 / 900] * more + [-1 / 900] * less + [0.0] * 30
    assert sign_flip_p(contributions(differences)) == pytest.approx(binomtest(more, more + less).pvalue)


def test_many_signs_are_drawn_as_well_as_all_of_them() -> None:
    rng = np.random.default_rng(0)
    differences = rng.exponential(size=60) * rng.choice([-1, 1, 1], size=60)
    drawn = rng.choice([-1.0, 1.0], size=(200_000, 60)) @ np.abs(differences)
    expected = np.mean(np.abs(drawn) >= abs(differences.sum()))
    assert sign_flip_p(contributions(differences)) == pytest.approx(expected, abs=0.003)


def test_nobody_who_differs_is_no_difference() -> None:
    found = contributions(np.zeros(9))
    assert (found.statistic, found.differing, sign_flip_p(found)) == (0.0, 0, 1.0)
    # Nor are specks that rounding leaves.
    assert contributions([1.0, 1e-17]).differing == 1
