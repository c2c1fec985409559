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


def targets(name, classes=CLASSES, **options):
    spec = next(each for each in TARGETS if each.name == name)
    return spec.build(spec.component(options).options, TargetFacts(labels=LABELS, classes=classes))


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
