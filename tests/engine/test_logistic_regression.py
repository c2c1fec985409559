"""Logistic regression, against scikit-learn's on features that are standardized by hand."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from derm_cli.engine.logistic_regression import fit_logistic

DRAW = np.random.default_rng(4)
LABELS = DRAW.integers(0, 3, 90)
FEATURES = DRAW.normal(size=(90, 6)) * 10.0 ** np.arange(-2, 4) + LABELS[:, np.newaxis] * np.arange(6) + 50


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (3.0, 0.5, 1.0)])
def test_it_is_scikit_learn_s_on_standardized_features(weights):
    fitted = fit_logistic(FEATURES, LABELS, c=0.3, classes=3, weights=np.array(weights))
    scaler = StandardScaler().fit(FEATURES)
    model = LogisticRegression(C=0.3, max_iter=1000, class_weight=dict(enumerate(weights)))
    model.fit(scaler.transform(FEATURES), LABELS)
    expected = model.predict_proba(scaler.transform(FEATURES))
    np.testing.assert_allclose(fitted.probabilities(FEATURES), expected, atol=1e-3)


def test_two_classes_and_a_constant_feature():
    features, labels = np.c_[FEATURES, np.full(90, 7.0)], LABELS % 2
    fitted = fit_logistic(features, labels, c=1.0, classes=2)
    scaled = StandardScaler().fit_transform(FEATURES)
    expected = LogisticRegression(C=1.0, max_iter=1000).fit(scaled, labels).predict_proba(scaled)
    np.testing.assert_allclose(fitted.probabilities(features), expected, atol=1e-3)
    assert not fitted.coefficients[-1].any()


def test_a_class_that_was_not_seen_is_given_no_probability():
    fitted = fit_logistic(FEATURES, LABELS * 2, c=1.0, classes=6)
    assert fitted.present.tolist() == [0, 2, 4]
    assert not fitted.probabilities(FEATURES)[:, [1, 3, 5]].any()
    np.testing.assert_allclose(fitted.probabilities(FEATURES).sum(axis=1), 1)


def test_of_one_class_alone_there_is_nothing_to_fit():
    fitted = fit_logistic(FEATURES, np.ones(90, dtype=int), c=1.0, classes=2)
    assert not fitted.coefficients.any()
    np.testing.assert_array_equal(fitted.probabilities(FEATURES), np.tile([0.0, 1.0], (90, 1)))


def test_float32_features_change_no_more_than_rounding_does():
    exact = fit_logistic(FEATURES, LABELS, c=0.3, classes=3).probabilities(FEATURES)
    rounded = fit_logistic(FEATURES.astype(np.float32), LABELS, c=0.3, classes=3).probabilities(FEATURES)
    np.testing.assert_allclose(rounded, exact, atol=1e-3)
