"""Figures agree with scikit-learn and with a count by hand, and differences are paired."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics

from benchmarks.recipes.figures import ANY_MALIGNANT, FIGURES, MELANOMA, MELANOMA_GROUP, SensitivityAt, compare
from derm_cli.taxonomy import LesionClass
from tests.support.synthetic_tables import random_table

CLASSES = (
    LesionClass(name="C00", title="melanoma", diagnoses=(f"{MELANOMA_GROUP}:Melanoma in situ",)),
    LesionClass(name="C01", title="carcinoma", diagnoses=("Malignant:Malignant epidermal proliferations",)),
    LesionClass(name="C02", title="keratosis", diagnoses=("Indeterminate:Indeterminate epidermal proliferations",)),
    LesionClass(name="C03", title="nevus", diagnoses=("Benign:Benign melanocytic proliferations",)),
)


@pytest.fixture(scope="module")
def table():
    return random_table(3, 120, 4, per_patient=2)


@pytest.fixture(scope="module")
def comparison(table):
    worse = replace(table, predictions=np.roll(table.predictions, 1), probabilities=np.roll(table.probabilities, 1, 0))
    return compare({"good": table, "same": table, "bad": worse}, CLASSES, draws=200)


def test_figures_agree_with_scikit_learn(table, comparison):
    truth = table.class_indices(table.labels)
    expected = {
        "balanced_accuracy": metrics.balanced_accuracy_score(table.labels, table.predictions),
        "macro_f1": metrics.f1_score(table.labels, table.predictions, average="macro"),
        "auc": metrics.roc_auc_score(truth, table.probabilities, multi_class="ovr", average="macro"),
        "log_loss": metrics.log_loss(truth, np.maximum(table.probabilities, 1e-12), labels=range(4)),
    }
    for name, positive, columns, specificity in (
        (MELANOMA, truth == 0, [0], 0.8),
        (ANY_MALIGNANT, truth < 2, [0, 1], 0.9),
    ):
        scores = table.probabilities[:, columns].sum(axis=1)
        shares, found, _ = metrics.roc_curve(positive, scores, drop_intermediate=False)
        expected[name] = found[shares <= 1 - specificity + 1e-9].max()
    assert {each.name for each in FIGURES} == set(expected)
    for name, value in expected.items():
        figure = comparison.figure("good", name)
        assert figure.value == pytest.approx(value, abs=1e-6), name
        assert figure.interval.low <= figure.value <= figure.interval.high
        assert figure.interval.method == "patients"


def test_differences_are_paired(comparison):
    for each in FIGURES:
        same = comparison.difference("same", "good", each.name)
        assert (same.value, same.interval.low, same.interval.high) == (0, 0, 0)
        assert not same.is_above_zero
    gained = comparison.difference("good", "bad", "macro_f1")
    assert gained.value == comparison.points["good/macro_f1"] - comparison.points["bad/macro_f1"]
    assert gained.is_above_zero
    assert not comparison.difference("bad", "good", "macro_f1").is_above_zero


@pytest.mark.parametrize(
    ("scores", "positive", "weights", "sensitivity"),
    [
        ("0.9 0.8 0.7 0.6 0.5 0.4", "1 0 1 0 0 0", "1 1 1 1 1 1", 0.5),  # 3 of 4 is the most that 0.75 allows
        ("0.9 0.8 0.7 0.6 0.5 0.4", "1 1 0 0 0 0", "1 1 1 1 1 1", 1.0),
        ("0.9 0.9 0.9 0.6 0.5 0.4", "1 0 0 0 0 1", "1 1 1 1 1 1", 0.0),  # of one score, referred together
        ("0.9 0.8 0.7 0.6 0.5 0.4", "1 0 1 0 0 0", "3 0 1 1 1 1", 1.0),
        ("0.9 0.8 0.7 0.6 0.5 0.4", "1 0 0 0 0 0", "0 1 1 1 1 1", np.nan),
        ("0.9 0.8 0.7 0.6 0.5 0.4", "0 1 0 0 0 0", "1 1 9 9 9 9", 1.0),
    ],
)
def test_the_sensitivity_at_a_specificity_is_counted_by_hand(scores, positive, weights, sensitivity):
    numbers, flags, times = (np.array(each.split(), dtype=float) for each in (scores, positive, weights))
    found = SensitivityAt(numbers, flags.astype(bool), 0.8).of(times[np.newaxis])
    assert found == pytest.approx([sensitivity], nan_ok=True)
