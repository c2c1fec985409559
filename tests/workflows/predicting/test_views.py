"""Views: the mean over arrangements of a photograph."""

import numpy as np
import pytest

from derm_cli.data.photographs import Photographs, ViewedPhotographs
from derm_cli.errors import RequestError
from derm_cli.phase_options import Component
from derm_cli.plan import NO_VIEWS
from derm_cli.plugin import ArtefactFacts
from derm_cli.plugin.registry import Registry
from derm_cli.workflows.predicting.views import is_concurrent, softmax_of_mean, views_of, with_views
from tests.support.artefact_files import made_facts

REGISTRY = Registry()
FLIPS = Component(name="flips")
PHOTOGRAPHS = np.random.default_rng(0).integers(0, 255, (3, 8, 8, 3), dtype=np.uint8)


class LeftOfMiddle:
    """Answers by how bright the left half is, so that a mirrored photograph has another answer."""

    def __init__(self, views):
        self.facts = made_facts(views=views)

    def __call__(self, photographs, answers=None):
        logit = (photographs[:, :, :4].mean(axis=(1, 2, 3)) - 128) / 20 + (0 if answers is None else answers)
        p = 1 / (1 + np.exp(-logit))
        return np.stack([p, 1 - p], axis=1).astype(np.float32)


def logits(probabilities):
    return np.log(probabilities[:, 0] / probabilities[:, 1])


def test_without_views_a_predictor_is_itself():
    predictor = LeftOfMiddle(NO_VIEWS)
    assert with_views(predictor, REGISTRY) is predictor


@pytest.mark.parametrize("told", [True, False, None])
def test_they_are_asked_about_at_once_where_the_predictor_may_be(told):
    predictor = LeftOfMiddle(FLIPS)
    if told is not None:
        predictor.is_concurrent = told
    assert is_concurrent(with_views(predictor, REGISTRY)) is is_concurrent(predictor) is bool(told)


def test_the_logits_of_the_views_are_averaged():
    predictor = LeftOfMiddle(FLIPS)
    viewed = with_views(predictor, REGISTRY)
    assert viewed.facts is predictor.facts
    expected = (logits(predictor(PHOTOGRAPHS)) + logits(predictor(PHOTOGRAPHS[:, :, ::-1]))) / 2
    found = viewed(PHOTOGRAPHS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(logits(found), expected, atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(logits(viewed(PHOTOGRAPHS, 1.5)), expected + 1.5, atol=1e-4)


def test_a_probability_of_0_in_one_view_does_not_become_one_that_is_no_number():
    sure, unsure = np.log(np.maximum([[1.0, 0.0]], 1e-38)), np.log([[0.5, 0.5]])
    assert np.isfinite(softmax_of_mean([sure, unsure])).all()


def test_viewed_photographs_are_read_like_photographs():
    plain = Photographs(((PHOTOGRAPHS, np.arange(3)),))
    (_, mirror) = views_of(REGISTRY, FLIPS)
    viewed = ViewedPhotographs(plain, mirror)
    assert (viewed.shape, viewed.nbytes, viewed.dtype) == (plain.shape, plain.nbytes, plain.dtype)
    np.testing.assert_array_equal(viewed.take(np.array([2, 0])), PHOTOGRAPHS[[2, 0], :, ::-1])


def test_the_facts_tell_the_views_and_are_what_they_were_without():
    facts = LeftOfMiddle(FLIPS).facts
    assert ArtefactFacts.from_json(facts.to_json(), "f") == facts
    assert "views" not in LeftOfMiddle(NO_VIEWS).facts.to_json()
    with pytest.raises(RequestError, match=r"There is no views 'flip'\. Did you mean 'flips'\?"):
        views_of(REGISTRY, Component(name="flip"))
