"""A preprocessing and a split as they were asked for."""

import pytest

from derm_cli.data.requests import PreprocessingRequest, SplitRequest
from derm_cli.errors import RequestError
from derm_cli.plan import Preprocessing


def test_a_tenth_is_kept_back_for_validation_and_the_official_split_is_used():
    split = SplitRequest()
    assert (split.test_share, split.validation_share, split.split, split.folds) == (0.2, 0.1, "auto", 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"split": "mine"}, "--split is 'mine', but must be one of auto, official, own"),
        ({"folds": 1}, "--folds is '1'"),
        ({"folds": -5}, "--folds is '-5'"),
        ({"fold": 1}, "--fold is '1'"),
        ({"folds": 3, "fold": 4}, "--fold is '4'"),
        ({"folds": 3, "split": "official"}, "exclude each other"),
        ({"test_share": -0.1}, "--test-share is '-0.1', but must be between 0 and 1, as in 0.2; 0 keeps nobody for a"),
        ({"test_share": float("nan")}, "--test-share is 'nan'"),
        ({"test_share": 1.0}, "--test-share is '1.0', but must be between 0 and 1"),
        ({"validation_share": 1.0}, "--validation-share is '1.0', but must be 0 or more and below 1"),
    ],
)
def test_a_split_that_cannot_be_meant_is_refused(options, said):
    with pytest.raises(RequestError, match=said):
        SplitRequest(**options)


@pytest.mark.parametrize(("folds", "fold", "all_of_them"), [(0, 0, False), (5, 0, True), (5, 2, False)])
def test_folds_without_a_fold_are_a_cross_validation(folds, fold, all_of_them):
    assert SplitRequest(folds=folds, fold=fold).is_cross_validation == all_of_them


def test_a_request_gives_the_preprocessing_that_it_asks_for():
    options = {"resize": "crop", "interpolation": "area", "profile": "ignored", "crop": "lesion", "crop_margin": 0.5}
    request = PreprocessingRequest(size=32, constancy="shades-of-grey", **options)
    assert request.preprocessing(224) == Preprocessing(size=32, constancy="shades-of-grey", **options)


def test_a_size_that_was_not_asked_for_is_the_default_s():
    assert PreprocessingRequest().preprocessing(224) == Preprocessing(size=224)
    with pytest.raises(RequestError, match="--size is missing"):
        PreprocessingRequest().preprocessing()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"crop_margin": -1}, "--crop-margin is '-1', but must be between 0 and 2"),
        ({"size": 31}, "--size is '31', but must be 32 or more"),
    ],
)
def test_a_number_out_of_its_range_is_refused(options, said):
    with pytest.raises(RequestError, match=said):
        PreprocessingRequest(**options)


@pytest.mark.parametrize(
    ("texts", "kept"), [((), ()), (("none",), ()), (("none", "none"), ()), (("a", "b"), ("a", "b"))]
)
def test_none_asks_for_no_step(texts, kept):
    assert PreprocessingRequest(preprocess=texts) == PreprocessingRequest(preprocess=kept)
    assert PreprocessingRequest(preprocess=texts).preprocess == kept


def test_none_beside_a_step_is_refused():
    with pytest.raises(RequestError, match="--preprocess 'none' and --preprocess 'a:b=1' exclude each other: give one"):
        PreprocessingRequest(preprocess=("a:b=1", "none"))
