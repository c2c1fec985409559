"""One program a phase, or one for all phases of a stage that are wired alike: the training is the same."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from derm_cli.engine.position import Position
from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.engine.validating import Validation
from derm_cli.phase_options import PhaseOptions
from derm_cli.plan import PAPER_AUGMENTATION
from derm_cli.plugin import STEM
from tests.support.tiny_network import (
    FROZEN_BLOCK,
    TINY,
    TrainingLog,
    assert_close,
    build,
    made_stage,
    phase_options,
    trainer_for,
)

# Dropout draws at other places where all phases are one program, so this network has none.
SURE = replace(TINY, build=partial(build, dropout=0.0))
ALL = phase_options(annealing="cosine", label_smoothing=0.1, mixup=0.3, clip_norm=0.5, ema=0.7)
MODES = pytest.mark.parametrize(("by_stage", "programs"), [(False, 3), (True, 1)], ids=["by phase", "by stage"])


def optioned(stage, *options):
    phases = (replace(phase, options=each) for phase, each in zip(stage.phases, options, strict=True))
    return replace(stage, phases=tuple(phases))


@pytest.mark.parametrize("blocks", [FROZEN_BLOCK, (("block1",), (), (STEM, "block2"))], ids=["frozen-block", "any"])
@pytest.mark.parametrize(
    ("options", "inputs"),
    [
        (PhaseOptions(), {"augmentation": None}),
        (PhaseOptions(), {"augmentation": PAPER_AUGMENTATION}),
        (ALL, {"augmentation": PAPER_AUGMENTATION}),
    ],
    ids=["plain", "augmented", "all options"],
)
def test_one_program_for_all_phases_trains_as_one_for_each(photographs, blocks, options, inputs):
    found = []
    for by_stage in (False, True):
        log, stage = TrainingLog(), optioned(made_stage(blocks), *[options] * 3)
        validation = Validation(*photographs)
        trainer = trainer_for(
            SURE, photographs, stage, ComputeOptions(by_stage=by_stage), validation=validation, **inputs
        )
        trainer.train(log)
        found.append((trainer, log))
    (phased, ours), (staged, theirs) = found
    np.testing.assert_allclose(ours.losses, theirs.losses, rtol=2e-4)
    np.testing.assert_allclose(
        [epoch.validation.loss for epoch in ours.epochs], [epoch.validation.loss for epoch in theirs.epochs], rtol=2e-3
    )
    assert_close(phased, staged)


@MODES
def test_phases_that_are_wired_alike_share_a_program(photographs, graphs, by_stage, programs):
    trainer = trainer_for(TINY, photographs, made_stage(epochs=1), ComputeOptions(by_stage=by_stage))
    trainer.train(TrainingLog())
    assert len(graphs) == programs
    # By phase, a program that is done is forgotten.
    assert len(trainer.programs) == 1


def test_what_is_part_of_a_program_makes_another(photographs, graphs):
    """Rates, annealing, smoothing and sampling are values; what changes the graph is not."""
    values = [
        PhaseOptions(),
        phase_options(annealing="cosine", label_smoothing=0.2, sampling="natural"),
        phase_options(mixup=0.2),
        phase_options(mixup=0.4),
        phase_options(dropout=0.2),
        phase_options(clip_norm=1.0),
        phase_options(ema=0.5),
        phase_options(scale=0.5),
        PhaseOptions(),
    ]
    stage = optioned(made_stage([("block2",)] * len(values), epochs=1), *values)
    trainer = trainer_for(TINY, photographs, stage, ComputeOptions(by_stage=True))
    trainer.train(TrainingLog())
    assert len(graphs) == len(trainer.programs) == 6


@pytest.mark.parametrize("by_stage", [False, True])
def test_each_phase_begins_with_a_fresh_optimizer(photographs, by_stage):
    """The first step of Adam is the learning rate itself, also in the program that trained the phase before."""
    rates, heads = (1e-2, 3e-3), []

    def look(position):
        if position.step == 0:
            heads.append(np.array(trainer.trained.model.get_layer("class_map").kernel))

    stage = made_stage([("block2",)] * 2, epochs=1)
    phases = (replace(phase, head_rate=rate) for phase, rate in zip(stage.phases, rates, strict=True))
    # One step a phase.
    trainer = trainer_for(
        TINY, photographs, replace(stage, phases=tuple(phases)), ComputeOptions(by_stage=by_stage), per_class=16
    )
    look(Position())
    trainer.train(TrainingLog(look))
    start, first, _, second, _ = heads
    assert np.abs(first - start).max() == pytest.approx(rates[0], rel=0.02)
    assert np.abs(second - first).max() == pytest.approx(rates[1], rel=0.02)


def test_a_network_keeps_what_a_program_of_the_stage_taught_it(photographs):
    trainer = trainer_for(TINY, photographs, made_stage(epochs=1), ComputeOptions(by_stage=True))
    before = [np.array(variable) for variable in trainer.network.model.weights]
    trainer.train(TrainingLog())
    assert any((one != np.array(other)).any() for one, other in zip(before, trainer.network.model.weights, strict=True))
    photograph = np.full((1, 16, 16, 3), 90.0, "float32")
    np.testing.assert_allclose(trainer.network.model(photograph), trainer.trained.model(photograph), rtol=1e-6)
