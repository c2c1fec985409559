"""Targets against their equations."""

import numpy as np
import pytest

from derm_cli.errors import RequestError
from derm_cli.plugin import LesionClass, TargetFacts
from derm_recipes.specs import TARGETS
from derm_recipes.targets import distances

LABELS = np.array([0, 1, 2, 3, 1])
NEVUS = "Benign:Benign melanocytic proliferations:Nevus"
MELANOMA = "Malignant:Malignant melanocytic proliferations (Melanoma)"
BASAL = "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma"
SQUAMOUS = "Malignant:Malignant epidermal proliferations:Squamous cell carcinoma"
CLASSES = tuple(
    LesionClass(name=name, title=name, diagnoses=(diagnosis,))
    for name, diagnosis in (("nev", NEVUS), ("mel", MELANOMA), ("bcc", BASAL), ("scc", SQUAMOUS))
)


ANSWERS = np.full((5, 4), 0.1, np.float32) + np.float32(0.6) * np.eye(4, dtype=np.float32)[LABELS]


def targets(name, classes=CLASSES, answers=ANSWERS, **options):
    spec = next(each for each in TARGETS if each.name == name)
    return spec.build(spec.component(options).options, TargetFacts(labels=LABELS, classes=classes, answers=answers))


@pytest.mark.parametrize("name", [each.name for each in TARGETS])
def test_targets_are_float32_shares_for_each_photograph(name):
    shares = targets(name)
    assert (shares.dtype, shares.shape) == (np.float32, (5, 4))
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(shares.argmax(axis=1), LABELS)


def test_hard_targets_are_the_labels():
    np.testing.assert_array_equal(targets("hard"), np.eye(4)[LABELS])


def test_smoothing_spreads_a_share_over_all_classes():
    np.testing.assert_allclose(targets("smoothed", share=0.2), 0.8 * np.eye(4)[LABELS] + 0.05, rtol=1e-6)


def test_hierarchical_targets_fall_with_the_distance():
    """Bertinetto et al. 2020, equation 5, with distances counted by hand: three levels."""
    expected = np.array([[0, 1, 1, 1], [1, 0, 2 / 3, 2 / 3], [1, 2 / 3, 0, 2 / 3], [1, 2 / 3, 2 / 3, 0]])
    np.testing.assert_allclose(distances(CLASSES), expected)
    shares = np.exp(-3 * expected)
    shares /= shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(targets("hierarchical", beta=3.0), shares[LABELS], rtol=1e-6)
    np.testing.assert_allclose(targets("hierarchical", beta=100.0), np.eye(4)[LABELS], atol=1e-6)


def test_without_diagnoses_there_is_no_hierarchy():
    with pytest.raises(RequestError, match="need classes that name their diagnoses, and none does: take 'smoothed'"):
        targets("hierarchical", tuple(LesionClass(name=each, title=each) for each in "abcd"))


@pytest.mark.parametrize("temperature", [1.0, 2.0, 5.0])
def test_distilled_targets_are_the_teacher_s_softmax_over_the_temperature_mixed_with_the_label(temperature):
    """Hinton et al. 2015, equation 1, on logits of which the teacher's probabilities are the softmax."""
    logits = np.random.default_rng(0).normal(0, 2, (5, 4))

    def softmax(values):
        return np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)

    found = targets("distilled", answers=softmax(logits).astype(np.float32), alpha=0.7, temperature=temperature)
    expected = 0.7 * softmax(logits / temperature) + 0.3 * np.eye(4)[LABELS]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_teacher_that_holds_a_class_for_impossible_is_softened_too():
    sure = np.eye(4, dtype=np.float32)[LABELS]
    found = targets("distilled", answers=sure, alpha=1.0, temperature=10.0)
    assert np.isfinite(found).all()
    assert (found > 0).all()
    np.testing.assert_allclose(targets("distilled", answers=sure, alpha=1.0), sure, atol=1e-6)


def test_distilled_targets_without_a_teacher_are_refused():
    with pytest.raises(RequestError, match="The targets 'distilled' need a teacher: name a run, as in --teacher RUN"):
        targets("distilled", answers=None)
