import json
from dataclasses import replace

import pytest

from derm_cli.errors import RequestError
from derm_cli.plan import Augmentation, Phase, Plan, Preprocessing, Stage
from derm_cli.taxonomy import LesionClass

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


@pytest.mark.parametrize("plan", [PLAN, replace(PLAN, augmentation=None, weights=None)])
def test_a_plan_survives_json(plan):
    back = Plan.from_json(json.loads(json.dumps(plan.to_json())))
    assert back == plan
    assert back.fingerprint() == plan.fingerprint()


def test_every_number_moves_the_fingerprint():
    others = [
        replace(PLAN, seed=1),
        replace(PLAN, test_share=0.25),
        replace(PLAN, augmentation=Augmentation(flip=0.0)),
        replace(PLAN, preprocessing=Preprocessing(size=224)),
    ]
    assert len({plan.fingerprint() for plan in [PLAN, *others]}) == 5


def test_the_defaults_are_the_papers():
    assert PLAN.augmentation == Augmentation(
        rotation=(1.0, 30.0), flip=0.5, zoom=(0.0, 0.2), shift=(0.0, 0.1), brightness=(0.2, 0.8), probability=1.0
    )
    assert (PLAN.preprocessing.resize, PLAN.preprocessing.interpolation) == ("squash", "nearest")
    assert (PLAN.per_class, PLAN.test_share) == (1, 0.2)


def test_a_wrong_plan_is_refused():
    with pytest.raises(RequestError, match="not one of derm's"):
        Plan.from_json({"backbone": "x"})
