"""Logistic regression on made features, against scikit-learn's by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from derm_cli.workflows.training.regression import CHOICES, FOLDS, UNCHOSEN, regress

DRAW = np.random.default_rng(5)
LABELS = np.arange(90) % 3
GROUPS = np.array([f"patient {number // 2}" for number in range(90)])
FEATURES = (DRAW.normal(size=(90, 6)) + 0.6 * np.eye(3)[LABELS].repeat(2, axis=1)).astype(np.float32) * 40 + 7
OTHERS = DRAW.normal(size=(20, 6)).astype(np.float32) * 40 + 7


def pipeline(c: float):
    return make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=1000))


def test_it_is_scikit_learn_s_on_standardized_features_with_the_c_of_the_least_loss_over_folds_by_group():
    found = regress(FEATURES, LABELS, GROUPS, OTHERS, classes=3, seed=4)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=4)
    numbers = np.unique(GROUPS, return_inverse=True)[1]
    losses = dict.fromkeys(CHOICES, 0.0)
    for fitted, judged in folds.split(FEATURES, LABELS, numbers):
        assert not set(GROUPS[fitted]) & set(GROUPS[judged])
        for c in CHOICES:
            answers = pipeline(c).fit(FEATURES[fitted], LABELS[fitted]).predict_proba(FEATURES[judged])
            losses[c] += len(judged) * log_loss(LABELS[judged], answers, labels=[0, 1, 2])
    assert (found.c, found.is_chosen) == (min(losses, key=losses.__getitem__), True)
    assert found.c not in (CHOICES[0], CHOICES[-1]), "a choice that was one"
    expected = pipeline(found.c).fit(FEATURES, LABELS).predict_proba(OTHERS)
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-4)


def test_it_gives_the_same_bits_twice():
    one, other = (regress(FEATURES, LABELS, GROUPS, OTHERS, classes=3, seed=4).probabilities for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_constant_features_give_the_share_of_each_class():
    labels = np.array([0] * 30 + [1] * 10 + [2] * 20)
    found = regress(np.full((60, 4), 0.3, np.float32), labels, np.arange(60), np.zeros((2, 4)), classes=3, seed=0)
    np.testing.assert_allclose(found.probabilities, np.tile([0.5, 1 / 6, 1 / 3], (2, 1)), atol=1e-3)


def test_a_class_without_a_photograph_is_never_the_answer():
    found = regress(FEATURES, LABELS * 2, GROUPS, OTHERS, classes=6, seed=0).probabilities
    assert found.shape == (20, 6)
    assert (found[:, [1, 3, 5]] == 0).all()
    np.testing.assert_allclose(found.sum(axis=1), 1)


@pytest.mark.parametrize("groups", [np.zeros(90), np.arange(90) % 5])
def test_with_too_few_patients_c_is_not_chosen(groups):
    found = regress(FEATURES, LABELS, groups, OTHERS, classes=3, seed=0)
    assert (found.c, found.is_chosen) == (UNCHOSEN, False)
    np.testing.assert_allclose(
        found.probabilities, pipeline(UNCHOSEN).fit(FEATURES, LABELS).predict_proba(OTHERS), atol=1e-4
    )


def test_a_class_of_one_photograph_is_no_trouble(recwarn):
    labels = LABELS.copy()
    labels[0] = 3
    found = regress(FEATURES, labels, GROUPS, OTHERS, classes=4, seed=0)
    assert np.isfinite(found.probabilities).all()
    assert not recwarn.list


def test_one_class_alone_is_refused():
    with pytest.raises(ValueError, match="class"):
        regress(FEATURES, np.zeros(90, int), GROUPS, OTHERS, classes=3, seed=0)
