import json
from dataclasses import replace

import pytest

from derm_cli.errors import RequestError
from derm_cli.phase_options import Component, PhaseOptions
from derm_cli.plan import PAPER_AUGMENTATION, OfficialSplit, Phase, Plan, Preprocessing, Stage
from derm_cli.taxonomy import LesionClass
from tests.support.tiny_network import phase_options

PLAN = Plan(
    backbone="effnet-b3",
    weights="imagenet",
    target="edra",
    stages=(
        Stage(
            name="edra",
            datasets=("edra",),
            classes=(LesionClass(name="MEL", title="Melanoma", diagnoses=("Malignant",)),),
            phases=(Phase(name="head", blocks=(), epochs=3, head_rate=1e-4, block_rate=1e-5),),
        ),
    ),
    preprocessing=Preprocessing(size=300),
)


OFFICIAL = (OfficialSplit(dataset="edra", name="the lists of derm7pt"),)


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        replace(PLAN, augmentation=None, weights=None),
        replace(PLAN, folds=5, fold=2),
        replace(PLAN, official_splits=OFFICIAL),
        replace(PLAN, metadata=("age", "bleed")),
    ],
)
def test_a_plan_survives_json(plan):
    back = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert back == plan
    assert back.fingerprint() == plan.fingerprint()


def test_every_number_moves_the_fingerprint():
    others = [
        replace(PLAN, seed=1),
        replace(PLAN, test_share=0.25),
        replace(PLAN, folds=5, fold=2),
        replace(PLAN, official_splits=OFFICIAL),
        replace(PLAN, augmentation=Component(name="paper", options={**PAPER_AUGMENTATION.options, "flip": 0.0})),
        replace(PLAN, preprocessing=Preprocessing(size=224)),
    ]
    assert len({plan.fingerprint() for plan in [PLAN, *others]}) == 7


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, True),
        ({"test_share": 0.0}, False),
        ({"test_share": 0.0, "folds": 5, "fold": 2}, True),
        ({"test_share": 0.0, "official_splits": (OfficialSplit(dataset=PLAN.target, name="lists"),)}, True),
        ({"test_share": 0.0, "official_splits": (OfficialSplit(dataset="another", name="lists"),)}, False),
    ],
)
def test_nobody_is_kept_for_a_test_at_a_share_of_0_without_a_fold_or_an_official_split(options, kept):
    assert replace(PLAN, **options).keeps_test_part is kept


def test_the_defaults_are_the_papers():
    assert PLAN.augmentation == Component(
        name="paper",
        options={
            "rotation": (1.0, 30.0),
            "flip": 0.5,
            "zoom": (0.0, 0.2),
            "shift": (0.0, 0.1),
            "brightness": (0.2, 0.8),
            "probability": 1.0,
        },
    )
    assert (PLAN.preprocessing.resize, PLAN.preprocessing.interpolation) == ("squash", "nearest")
    assert (PLAN.per_class, PLAN.test_share) == (1, 0.2)


def test_a_plan_of_before_there_were_validation_folds_and_official_splits_means_what_it_meant():
    older = PLAN.to_json()
    for name in ("validation_share", "folds", "fold", "official_splits"):
        del older[name]
    assert Plan.from_json(older) == replace(PLAN, validation_share=0.0)


def test_a_preprocessing_of_before_profiles_were_followed_means_what_it_meant():
    older = PLAN.to_json()
    older["preprocessing"] = {"size": 300, "resize": "squash", "interpolation": "nearest"}
    assert Plan.from_json(older) == replace(PLAN, preprocessing=Preprocessing(size=300, profile="ignored"))
    older["preprocessing"]["resize"] = "stretch"
    with pytest.raises(RequestError, match="resize 'stretch' is none of squash, letterbox, crop"):
        Plan.from_json(older)


def test_equal_pixels_have_equal_hashes():
    """A margin says nothing where nothing is cropped."""
    rule = Preprocessing(size=300)
    assert replace(rule, crop_margin=0.5).fingerprint() == rule.fingerprint()
    cropped = replace(rule, crop="lesion")
    hashes = {
        each.fingerprint()
        for each in (
            rule,
            cropped,
            replace(cropped, crop_margin=0.5),
            replace(rule, size=224),
            replace(rule, profile="ignored"),
            replace(rule, constancy="shades-of-grey"),
            replace(rule, resize="letterbox"),
            replace(rule, interpolation="area"),
        )
    }
    assert len(hashes) == 8
    assert all(len(each) == 64 for each in hashes)


def test_a_preprocessing_is_said_in_few_words():
    assert Preprocessing(size=300).text() == "300x300, squash, nearest"
    full = Preprocessing(size=32, profile="ignored", crop="lesion", constancy="shades-of-grey")
    assert full.text() == (
        "32x32, squash, nearest, colour profiles ignored, cropped to the lesion with a margin of 20%, shades of grey"
    )


def test_a_wrong_plan_is_refused():
    with pytest.raises(RequestError, match="not one of derm's"):
        Plan.from_json({"backbone": "x"})


def test_the_augmentation_and_the_options_of_a_phase_are_told_in_words():
    flipless = Component(name="paper", options={**PAPER_AUGMENTATION.options, "flip": 0.0})
    assert flipless.text().startswith("paper (rotation 1 to 30, flip 0, zoom 0 to 0.2")
    assert PhaseOptions().text() == ""
    options = phase_options(annealing="cosine", label_smoothing=0.1, early_stopping=3, best_epoch=True)
    assert options.text() == (
        "targets smoothed (share 0.1), annealing cosine (over phase), early stopping 3, best epoch yes"
    )


def test_options_of_before_there_were_components_mean_what_they_meant():
    older = {
        "annealing": "cosine",
        "label_smoothing": 0.1,
        "mixup": 0.2,
        "dropout": 0.3,
        "sampling": "natural",
        "clip_norm": 1.0,
        "ema": 0.9,
        "early_stopping": 2,
        "best_epoch": True,
    }
    wanted = phase_options(
        annealing="cosine",
        targets="smoothed:share=0.1",
        mixing="mixup:alpha=0.2",
        dropout=0.3,
        sampler="natural",
        clip_norm=1.0,
        average="ema:decay=0.9",
        early_stopping=2,
        best_epoch=True,
    )
    assert PhaseOptions.from_json(older) == wanted
    off = {"annealing": "constant", "label_smoothing": 0.0, "mixup": 0.0, "sampling": "balanced", "ema": 0.0}
    assert PhaseOptions.from_json(off) == PhaseOptions()
    with pytest.raises(TypeError):
        PhaseOptions.from_json({"label_smooting": 0.1})


def test_the_papers_plan_is_said_as_before_there_were_components():
    content = PLAN.to_json()
    assert content["augmentation"] == {
        "rotation": [1.0, 30.0],
        "flip": 0.5,
        "zoom": [0.0, 0.2],
        "shift": [0.0, 0.1],
        "brightness": [0.2, 0.8],
        "probability": 1.0,
    }
    assert content["stages"][0]["phases"][0]["options"] == {
        "annealing": "constant",
        "label_smoothing": 0.0,
        "mixup": 0.0,
        "dropout": 0.0,
        "sampling": "balanced",
        "clip_norm": 0.0,
        "ema": 0.0,
        "early_stopping": 0,
        "best_epoch": False,
    }
    assert not {"views", "recipe"} & content.keys()


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "focal", "optimizer": "adamw", "depth_decay": 0.8, "augment": False},
        {"targets": "hierarchical", "mixing": "cutmix", "average": "swa", "annealing": "one-cycle"},
        {"sampler": "power", "annealing": "cosine:over=stage", "average": "ema:decay=0.9,ramp=on"},
        {"annealing": "cosine", "label_smoothing": 0.1, "mixup": 0.2, "ema": 0.9, "sampling": "natural"},
    ],
)
def test_every_component_survives_json(options):
    options = phase_options(**options)
    (stage,) = PLAN.stages[:1]
    phases = tuple(replace(phase, options=options) for phase in stage.phases)
    augmentation = Component(name="trivial", options={"strength": 0.5})
    plan = replace(
        PLAN,
        stages=(replace(stage, phases=phases),),
        augmentation=augmentation,
        views=Component(name="flips"),
        recipe="x with --epochs 3",
    )
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert plan.fingerprint() != PLAN.fingerprint()


def test_the_name_of_a_recipe_is_no_number_of_the_training():
    assert replace(PLAN, recipe="another").fingerprint() == PLAN.fingerprint()


def test_a_plan_without_answers_is_what_it_was_before_there_were_any():
    assert "metadata" not in PLAN.to_json()
    assert replace(PLAN, metadata=("age",)).to_json() == PLAN.to_json() | {"metadata": ["age"]}
    assert replace(PLAN, metadata=("age",)).fingerprint() != PLAN.fingerprint()


def test_a_batch_has_photographs_of_every_class():
    assert replace(PLAN, per_class=3).batch_sizes == [3]


def test_the_split_has_the_seed_of_the_training_unless_another_is_named():
    assert "split_seed" not in PLAN.to_json()
    same, other = replace(PLAN, seed=3, split_seed=3), replace(PLAN, seed=3, split_seed=0)
    assert (same, same.fingerprint()) == (replace(PLAN, seed=3), replace(PLAN, seed=3).fingerprint())
    assert (same.seed_of_split, other.seed_of_split) == (3, 0)
    assert other.fingerprint() != same.fingerprint()
    assert Plan.from_json(other.to_json()) == other
