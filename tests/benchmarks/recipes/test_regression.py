"""A regression answers cases that it has not seen, its penalty chosen without them."""

from __future__ import annotations

import numpy as np

from benchmarks.recipes.regression import regressed


def test_separable_classes_are_told_apart_and_one_never_seen_gets_nothing(table):
    labels = table.class_indices
    test = table.is_test(1)
    features = np.random.default_rng(0).normal(size=(len(labels), 4))
    features[np.arange(len(labels)), labels] += 5
    probabilities = regressed(features, labels, table.groups, test, classes=4, seed=0)
    assert probabilities.shape == (int(test.sum()), 4)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.argmax(axis=1) == labels[test]).mean() > 0.9
    assert (probabilities[:, 3] == 0).all()


def test_test_labels_change_nothing(table):
    test, features = table.is_test(1), np.random.default_rng(0).normal(size=(len(table.labels), 4))
    labels = table.class_indices
    shuffled = np.where(test, (labels + 1) % 3, labels)
    first, second = (regressed(features, each, table.groups, test, classes=3, seed=0) for each in (labels, shuffled))
    assert np.array_equal(first, second)
