"""A training that stopped anywhere ends, when it is gone on with, with the bits of the one that was never stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from derm_cli.engine import trainer as trainers
from derm_cli.engine.checkpoint import Checkpoints
from derm_cli.engine.position import Position
from derm_cli.engine.stage_inputs import ComputeOptions
from derm_cli.engine.trainer import EpochResult, StageTrainer
from derm_cli.engine.validating import Validation
from derm_cli.phase_options import PhaseOptions
from derm_cli.plan import PAPER_AUGMENTATION
from tests.support.tiny_network import TrainingLog, phase_options, trainer_for, weights

DRAWS = 2
KINDS = ("inside-an-epoch", "at-an-epochs-end", "between-phases")
ALL_AT_ONCE = phase_options(
    annealing="cosine", mixup=0.3, dropout=0.3, label_smoothing=0.1, ema=0.8, early_stopping=2, best_epoch=True
)
COMPONENTS = (
    phase_options(
        loss="ldam:deferred=0.4",
        sampler="progressive",
        mixing="cutmix",
        optimizer="adamw:decay=0.1",
        annealing="one-cycle:over=stage",
        average="swa:start=0",
        head_start=0.1,
        head_copies=1,
    ),
    phase_options(
        loss="focal",
        sampler="power",
        optimizer="sgd",
        annealing="cosine:over=stage",
        average="ema:decay=0.9,ramp=on",
        frozen_norms=True,
        depth_decay=0.5,
        scale=0.5,
    ),
    phase_options(loss="logit-adjusted", label_smoothing=0.2, dropout=0.2, augment=False),
)
"""Each kind of component, other than the paper's."""
BY_WINDOWS = ComputeOptions(resident_bytes=0, window_bytes=3 * 6 * 16 * 16 * 3)
FIGURES = ("phase", "epoch", "loss", "accuracy", "images", "head_rate", "block_rate", "validation")
"""Of an epoch: all but what it took of time."""


@dataclass(frozen=True)
class Course:
    """A training of three phases: with or without augmentation, by these means, with these options by phase."""

    augmented: bool = True
    compute: ComputeOptions | None = None
    options: tuple[PhaseOptions, ...] = (PhaseOptions(),) * 3
    epochs: int = 2


COURSES = {
    "frozen-block": Course(),
    "features-kept": Course(augmented=False),
    "windows": Course(compute=BY_WINDOWS),
    # With a thread that traces the next phase's program, which a stop may throw away.
    "options": Course(
        compute=ComputeOptions(trace_ahead=True),
        options=(ALL_AT_ONCE, replace(ALL_AT_ONCE, mixing=PhaseOptions().mixing), ALL_AT_ONCE),
        epochs=4,
    ),
    "distilled": Course(options=(phase_options(targets="distilled:alpha=0.6,temperature=2", mixup=0.3),) * 3),
    "components": Course(options=COMPONENTS),
    "components-in-one-program": Course(compute=ComputeOptions(by_stage=True), options=COMPONENTS),
    "one-program": Course(compute=ComputeOptions(by_stage=True)),
    "programs-shared": Course(
        augmented=False,
        compute=ComputeOptions(by_stage=True),
        options=(phase_options(best_epoch=True), ALL_AT_ONCE, phase_options(best_epoch=True)),
    ),
}


@dataclass(frozen=True)
class Unbroken:
    """A training that was never stopped, and the checkpoints that it wrote at every place, each in its own folder."""

    epochs: list[EpochResult]
    weights: list[np.ndarray]
    folders: dict[Position, Path]

    def drawn(self, kind: str, seed: int) -> Position:
        """Draw a place of this kind."""
        fitting = [position for position in self.folders if kind_of(position) == kind]
        return fitting[np.random.default_rng(seed).integers(len(fitting))]

    def after(self, position: Position) -> list[EpochResult]:
        """Return the epochs that end after a place."""
        return [each for each in self.epochs if (each.phase, each.epoch) >= (position.phase, position.epoch)]


def kind_of(position: Position) -> str:
    return KINDS[0] if position.step else KINDS[1] if position.epoch else KINDS[2]


@pytest.fixture(autouse=True)
def few_steps_at_once(monkeypatch):
    """Pass places inside an epoch of eight steps."""
    monkeypatch.setattr(trainers, "STEPS_AT_ONCE", 3)


@pytest.fixture
def begin(tiny, photographs, stage):
    """Make the trainer of a course on a backbone as a run builds it, with the weights that its chain begins with."""

    def make(course: Course) -> StageTrainer:
        planned = stage(epochs=course.epochs)
        phases = (replace(phase, options=each) for phase, each in zip(planned.phases, course.options, strict=True))
        validates = any(options.validates for options in course.options)
        return trainer_for(
            tiny,
            photographs,
            replace(planned, phases=tuple(phases)),
            course.compute,
            augmentation=PAPER_AUGMENTATION if course.augmented else None,
            validation=Validation(*photographs) if validates else None,
            answers=np.random.default_rng(7).dirichlet(np.ones(3), len(photographs[1])).astype(np.float32),
        )

    return make


@pytest.fixture
def begin_after_another_stage(begin):
    """Make the trainer of a course whose blocks learnt in a stage before: going on must not lean on fresh ones."""

    def make(course: Course) -> StageTrainer:
        trainer, noise = begin(course), np.random.default_rng(9)
        for variable in trainer.trained.model.trainable_variables:
            variable.assign_add(noise.normal(0, 0.1, variable.shape).astype("float32"))
        return trainer

    return make


@pytest.fixture(scope="module")
def made():
    """The trainings that were never stopped, by course."""
    return {}


@pytest.fixture
def unbroken(made, begin_after_another_stage, tmp_path_factory):
    def make(name: str) -> Unbroken:
        if name not in made:
            trainer, root, folders = begin_after_another_stage(COURSES[name]), tmp_path_factory.mktemp(name), {}

            def save(position: Position) -> None:
                folders[position] = root / f"{len(folders)}"
                Checkpoints(folders[position]).save(position, trainer.variables(), trainer.notes())

            log = TrainingLog(save)
            trainer.train(log)
            made[name] = Unbroken(log.epochs, weights(trainer), folders)
        return made[name]

    return make


def assert_same(
    epochs: list[EpochResult], expected: list[EpochResult], found: list[np.ndarray], wanted: list[np.ndarray]
) -> None:
    ours, theirs = ([[getattr(each, name) for name in FIGURES] for each in some] for some in (epochs, expected))
    assert ours == theirs
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", COURSES)
def test_checkpoints_change_no_bit_of_a_training(name, unbroken, begin_after_another_stage):
    trainer, log, saved = begin_after_another_stage(COURSES[name]), TrainingLog(), unbroken(name)
    trainer.train(log)
    assert log.positions == list(saved.folders)
    assert {kind_of(position) for position in log.positions} == set(KINDS)
    assert_same(log.epochs, saved.epochs, weights(trainer), saved.weights)


@pytest.mark.parametrize("seed", range(DRAWS))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", COURSES)
def test_a_training_goes_on_to_the_same_bits(name, kind, seed, unbroken, begin):
    whole = unbroken(name)
    position = whole.drawn(kind, seed)
    trainer, log, stored = begin(COURSES[name]), TrainingLog(), Checkpoints(whole.folders[position]).latest()
    assert stored.position == position
    trainer.resume(position, stored.notes, stored.restore)
    trainer.train(log, position)
    assert_same(log.epochs, whole.after(position), weights(trainer), whole.weights)


def test_a_course_of_early_stopping_stops_early(unbroken):
    """Or the places of such a phase would be those of any other."""
    epochs = unbroken("options").epochs
    assert len(epochs) < 3 * COURSES["options"].epochs
