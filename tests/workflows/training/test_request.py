"""A training as it was asked for."""

import pytest

from derm_cli.errors import RequestError
from derm_cli.plan import Preprocessing
from derm_cli.workflows.training.request import TrainRequest

REQUEST = TrainRequest(backbone="made", chain=("clinic",))


def test_a_tenth_is_kept_back_for_validation_and_the_official_split_is_used():
    assert (REQUEST.test_share, REQUEST.validation_share, REQUEST.split, REQUEST.folds) == (0.2, 0.1, "auto", 0)


def test_a_request_of_before_there_were_validation_folds_and_official_splits_means_what_it_meant():
    older = REQUEST.to_json()
    for name in ("validation_share", "split", "folds", "fold"):
        del older[name]
    found = TrainRequest.from_json(older)
    assert (found.validation_share, found.split, found.folds, found.fold) == (0.0, "own", 0, 0)


def test_a_request_of_before_profiles_were_followed_means_what_it_meant():
    older = REQUEST.to_json()
    for name in ("profile", "crop", "crop_margin", "constancy"):
        del older[name]
    found = TrainRequest.from_json(older).preprocessing(224)
    assert found == Preprocessing(size=224, profile="ignored")
    assert REQUEST.preprocessing(224) == Preprocessing(size=224, profile="srgb")


def test_a_request_tells_the_preprocessing():
    options = {"resize": "crop", "interpolation": "area", "profile": "ignored", "crop": "lesion", "crop_margin": 0.5}
    request = TrainRequest(backbone="made", chain=("clinic",), size=32, constancy="shades-of-grey", **options)
    assert request.preprocessing(224) == Preprocessing(size=32, constancy="shades-of-grey", **options)
    assert TrainRequest.from_json(request.to_json()) == request


def test_a_margin_that_is_none_is_refused():
    with pytest.raises(RequestError, match="--crop-margin is '-1', but must be between 0 and 2"):
        TrainRequest(backbone="made", chain=("clinic",), crop_margin=-1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"split": "mine"}, "--split is 'mine', but must be one of auto, official, own"),
        ({"folds": 1}, "--folds is '1'"),
        ({"folds": -5}, "--folds is '-5'"),
        ({"fold": 1}, "--fold is '1'"),
        ({"folds": 3, "fold": 4}, "--fold is '4'"),
        ({"folds": 3, "split": "official"}, "exclude each other"),
    ],
)
def test_a_split_that_cannot_be_meant_is_refused(options, said):
    with pytest.raises(RequestError, match=said):
        TrainRequest(backbone="made", chain=("clinic",), **options)
