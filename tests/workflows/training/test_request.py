"""A training as it was asked for."""

import json

import pytest

from derm_cli.data.requests import PreprocessingRequest, SplitRequest
from derm_cli.errors import DermError, RequestError
from derm_cli.plan import Preprocessing
from derm_cli.workflows.training.request import TrainRequest

REQUEST = TrainRequest(backbone="made", chain=("clinic",))
KEYS = (
    *("backbone", "chain", "target", "strategy", "schedule", "size", "resize", "interpolation", "profile", "crop"),
    *("crop_margin", "constancy", "epochs", "head_rate", "block_rate", "per_class", "norm_momentum", "test_share"),
    *("validation_share", "split", "folds", "fold", "seed", "augmentation", "phase_options", "leave_out", "execution"),
    "baselines",
)
"""Of run.json, in the order in which every version wrote them."""


def test_a_request_of_before_there_were_validation_folds_and_official_splits_means_what_it_meant():
    older = REQUEST.to_json()
    for name in ("validation_share", "split", "folds", "fold"):
        del older[name]
    assert TrainRequest.from_json(older).splitting == SplitRequest(validation_share=0.0, split="own")


def test_a_request_of_before_profiles_were_followed_means_what_it_meant():
    older = REQUEST.to_json()
    for name in ("profile", "crop", "crop_margin", "constancy"):
        del older[name]
    preprocessing = TrainRequest.from_json(older).preprocessing.preprocessing(224)
    assert preprocessing == Preprocessing(size=224, profile="ignored")
    assert REQUEST.preprocessing.preprocessing(224) == Preprocessing(size=224, profile="srgb")


def test_a_request_of_before_there_were_baselines_has_none():
    older = REQUEST.to_json()
    assert older.pop("baselines") is True
    assert TrainRequest.from_json(older).baselines is False


def test_a_request_is_stored_flat_in_the_order_of_old():
    request = TrainRequest(
        backbone="made",
        chain=("imagenet", "clinic"),
        preprocessing=PreprocessingRequest(size=32, crop="lesion"),
        splitting=SplitRequest(folds=5, fold=2),
    )
    content = request.to_json()
    assert tuple(content) == KEYS
    assert (content["size"], content["crop"], content["folds"], content["fold"]) == (32, "lesion", 5, 2)
    assert TrainRequest.from_json(json.loads(json.dumps(content))) == request


def test_flat_options_give_the_nested_request():
    request = TrainRequest.from_options(backbone="made", chain=("clinic",), size=64, test_share=0.3, seed=2)
    assert request == TrainRequest(
        backbone="made",
        chain=("clinic",),
        preprocessing=PreprocessingRequest(size=64),
        splitting=SplitRequest(test_share=0.3),
        seed=2,
    )
    with pytest.raises(TypeError, match="fold_count"):
        TrainRequest.from_options(backbone="made", chain=("clinic",), fold_count=3)


def test_the_request_of_a_fold_differs_by_the_fold_alone():
    request = TrainRequest.from_options(backbone="made", chain=("clinic",), folds=3)
    assert request.with_fold(2).to_json() == request.to_json() | {"fold": 2}


@pytest.mark.parametrize(
    ("seed", "split_seed", "stored"), [(0, None, {}), (3, None, {}), (3, 3, {}), (3, 0, {"split_seed": 0})]
)
def test_the_split_has_the_seed_of_the_training_unless_it_has_its_own(seed, split_seed, stored):
    request = TrainRequest.from_options(backbone="made", chain=("clinic",), seed=seed, split_seed=split_seed)
    plain = TrainRequest.from_options(backbone="made", chain=("clinic",), seed=seed)
    assert request.to_json() == plain.to_json() | stored
    assert TrainRequest.from_json(request.to_json()) == request
    assert request.seed_of_split == (seed if split_seed is None else split_seed)


@pytest.mark.parametrize("content", [{}, {"augmentation": None}, REQUEST.to_json() | {"more": 1}])
def test_a_stored_request_that_was_changed_by_hand_is_refused(content):
    with pytest.raises(DermError, match="it was changed by hand"):
        TrainRequest.from_json(content)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"epochs": 0}, "--epochs is '0', but must be 1 or more"),
        ({"head_rate": 0.0}, "--head-rate is '0.0', but a learning rate must be above 0"),
        ({"norm_momentum": 1.0}, "--norm-momentum is '1.0'"),
        ({"splitting": SplitRequest(split_seed=-1)}, "--split-seed is '-1', but must be 0 or more"),
        ({"chain": ()}, "The chain is empty"),
        ({"chain": (), "target": "clinic"}, "The chain before the target 'clinic' is empty: say what it begins with"),
        ({"chain": ("imagenet",)}, "The chain 'imagenet' has no dataset"),
        ({"chain": ("clinic", "imagenet")}, "'imagenet' stands at place 2 of the chain"),
        ({"chain": ("clinic", "clinic")}, "Dataset 'clinic' stands twice"),
        ({"leave_out": ("clinic",)}, "--leave-out is 'clinic', but must be DATASET:CLASS"),
        ({"leave_out": ("edra:MEL",)}, "--leave-out 'edra:MEL' names no dataset of the chain"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(options, said):
    with pytest.raises(RequestError, match=said):
        TrainRequest(**{"backbone": "made", "chain": ("clinic",), **options})


def test_the_target_is_the_end_of_the_chain_and_classes_are_left_out_by_dataset():
    request = TrainRequest(backbone="made", chain=("imagenet", "edra"), target="clinic", leave_out=("edra:MISC",))
    assert (request.weights, request.datasets, request.target) == ("imagenet", ("edra", "clinic"), None)
    assert (request.classes_left_out("edra"), request.classes_left_out("clinic")) == (("MISC",), ())
