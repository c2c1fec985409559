"""Two chains share the key of a stage as long as everything that its bits depend on is the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.photographs import Photographs
from derm_cli.data.run_data import RunData
from derm_cli.data.samples import Samples
from derm_cli.phase_options import Component
from derm_cli.plan import PAPER_AUGMENTATION, Execution, OfficialSplit, Preprocessing, Teacher
from derm_cli.workflows.training import stage_keys as rooms
from derm_cli.workflows.training.stage_keys import stage_keys
from tests.support.run_folders import PLAN, STAGE
from tests.support.tiny_network import phase_options

ENVIRONMENT = {"python": "3.11", "keras": "3.15", "devices": ["cpu:0"], "precision": "float32", "programs": "phase"}
CHAIN = replace(PLAN, stages=(STAGE, replace(STAGE, name="other", datasets=("other",))), target="other")


@dataclass
class Layer:
    """As much of a layer as a key looks at."""

    name: str = "conv"
    strides: int = 2

    def get_config(self):
        return {"name": self.name, "strides": self.strides}


@dataclass
class Backbone:
    """As much of a network as a key looks at."""

    variables: tuple[np.ndarray, ...] = (np.zeros(3, "float32"),)
    layers: tuple[Layer, ...] = (Layer(),)


def part(*hashes: str, labels: tuple[int, ...] | None = None) -> Samples:
    cases = pd.DataFrame({"sha256": list(hashes)})
    return Samples(Photographs(()), np.array(labels or range(len(hashes)), np.int32), cases)


LEARNT = part("a", "b")
RUN_DATA = RunData(
    training=(LEARNT, part("c", "d")),
    stage_validation=(part("e", "f"), part("g", "h")),
    target_validation=part("g"),
    test=part("i"),
    split=pd.DataFrame(),
    dropped=pd.DataFrame(),
)


def keys(plan=CHAIN, run_data=RUN_DATA, environment=ENVIRONMENT, backbone=None):
    return stage_keys(plan, run_data, environment, backbone or Backbone())


def shared(**changed) -> int:
    """Return how many stages keep their keys where something is changed: those before the first that is another."""
    same = [one == other for one, other in zip(keys(), keys(**changed), strict=False)]
    return [*same, False].index(False)


def test_keys_are_hashes_and_differ():
    found = keys()
    assert [len(each) for each in found] == [64, 64]
    assert len(set(found)) == 2
    assert keys() == found


def test_a_shorter_chain_shares_its_beginning():
    run_data = replace(
        RUN_DATA, training=RUN_DATA.training[:1], stage_validation=RUN_DATA.stage_validation[:1], test=part("z")
    )
    assert keys(replace(PLAN, stages=CHAIN.stages[:1]), run_data) == keys()[:1]


@pytest.mark.parametrize(
    "values",
    [
        {"backbone": "another"},
        {"weights": "imagenet"},
        {"preprocessing": Preprocessing(size=64)},
        {"preprocessing": Preprocessing(size=32, resize="crop")},
        {"augmentation": None},
        {"augmentation": Component(name="paper", options={**PAPER_AUGMENTATION.options, "flip": 0.4})},
        {"per_class": 2},
        {"norm_momentum": 0.8},
        {"test_share": 0.3},
        {"validation_share": 0.2},
        {"seed": 1},
    ],
    ids=str,
)
def test_a_number_of_the_plan_changes_every_key(values):
    assert shared(plan=replace(CHAIN, **values)) == 0


def test_another_split_seed_changes_no_key_by_itself_for_photographs_tell_the_split():
    assert keys(replace(CHAIN, split_seed=7)) == keys()


def test_answers_change_no_key_for_stages_know_nothing_of_them():
    assert keys(replace(CHAIN, metadata=("age", "bleed"))) == keys()


@pytest.mark.parametrize(
    "values",
    [
        {"epochs": 3},
        {"head_rate": 1e-3},
        {"block_rate": 1e-4},
        {"blocks": ("block1",)},
        {"options": phase_options(ema=0.9)},
    ],
    ids=str,
)
@pytest.mark.parametrize("stage", [0, 1])
def test_a_phase_changes_the_keys_from_its_stage_on(values, stage):
    phases = (replace(STAGE.phases[0], **values), *STAGE.phases[1:])
    stages = list(CHAIN.stages)
    stages[stage] = replace(stages[stage], phases=phases)
    assert shared(plan=replace(CHAIN, stages=tuple(stages))) == stage


def test_a_teacher_changes_the_keys_from_the_stage_on_that_it_teaches():
    distilled = phase_options(targets="distilled")
    phases = tuple(replace(each, options=distilled) for each in STAGE.phases)
    stages = (CHAIN.stages[0], replace(CHAIN.stages[1], phases=phases))
    one, other = (keys(replace(CHAIN, stages=stages, teacher=Teacher(run="a", model=model))) for model in ("01", "02"))
    assert [first == second for first, second in zip(one, other, strict=True)] == [True, False]
    # Who it is does not matter, but what it answers.
    assert one == keys(replace(CHAIN, stages=stages, teacher=Teacher(run="b", model="01")))
    assert keys(replace(CHAIN, teacher=Teacher(run="a", model="01"))) == keys()


def test_a_head_that_is_carried_changes_the_keys_from_its_stage_on():
    stages = (CHAIN.stages[0], replace(CHAIN.stages[1], head="carried"))
    assert shared(plan=replace(CHAIN, stages=stages)) == 1


@pytest.mark.parametrize("field", ["training", "stage_validation"])
@pytest.mark.parametrize("stage", [0, 1])
@pytest.mark.parametrize(
    "other",
    [part("x", "b"), part("a"), part("b", "a"), part("a", "b", labels=(1, 0))],
    ids=["photograph", "fewer", "order", "label"],
)
def test_contents_change_the_keys_from_their_stage_on(field, stage, other):
    run_data = replace(RUN_DATA, **{field: (LEARNT, LEARNT)})
    parts = [LEARNT, LEARNT]
    parts[stage] = other
    changed = keys(run_data=replace(RUN_DATA, **{field: tuple(parts)}))
    same = [one == other for one, other in zip(keys(run_data=run_data), changed, strict=True)]
    assert same == [stage > 0, False]


def test_masks_change_the_keys_where_photographs_are_cropped_by_them():
    found = []
    for masks in (("1", "2"), ("1", "3"), ("12", "")):
        cropped = replace(LEARNT, cases=LEARNT.cases.assign(mask_sha256=masks))
        found.append(keys(run_data=replace(RUN_DATA, training=(cropped, RUN_DATA.training[1])))[0])
    assert len({*found, keys()[0]}) == 4


def test_a_validation_part_is_another_than_none():
    assert shared(run_data=replace(RUN_DATA, stage_validation=(None, None))) == 0


def test_the_backbone_s_weights_change_every_key():
    one_bit = np.nextafter(np.zeros(3, "float32"), 1)
    assert shared(backbone=Backbone((one_bit,))) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"keras": "3.16"},
        {"devices": ["gpu:0"]},
        {"precision": "bfloat16"},
        {"programs": "stage"},
        {"deterministic": False},
    ],
    ids=str,
)
def test_the_environment_changes_every_key(values):
    assert shared(environment=ENVIRONMENT | values) == 0


def test_whether_features_are_kept_changes_every_key():
    assert shared(plan=replace(CHAIN, execution=Execution(resident_share=0.1))) == 0


def test_another_version_of_derm_changes_every_key(monkeypatch):
    before = keys()
    monkeypatch.setattr(rooms, "__version__", "99")
    assert not set(before) & set(keys())


def test_what_changes_no_bit_changes_no_key():
    """The environment says what was settled on; the target and its test part are of the run, not of a stage."""
    asked = replace(CHAIN, execution=Execution(frozen_check=False, precision="float32"))
    assert shared(plan=asked) == 2
    assert shared(plan=replace(CHAIN, target="elsewhere"), run_data=replace(RUN_DATA, test=part("z"))) == 2


def test_whose_split_it_is_changes_no_key_where_the_photographs_are_the_same():
    """So that the folds of the target share the stages before it."""
    official = (OfficialSplit(dataset="clinic", name="the clinic's"),)
    assert shared(plan=replace(CHAIN, folds=5, fold=2, official_splits=official)) == 2


def test_a_backbone_that_is_built_otherwise_has_other_keys_but_a_layer_s_name_does_not_count():
    assert shared(backbone=Backbone(layers=(Layer(strides=1),))) == 0
    assert shared(backbone=Backbone(layers=(Layer(name="conv_1"),))) == 2
