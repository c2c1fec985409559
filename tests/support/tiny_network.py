"""A network small enough to train in a moment, photographs that it can learn, and who watches it.

It knows no pytest, so that a process of another backend has it too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from derm_cli.data.photographs import Photographs
from derm_cli.engine.network import add_head
from derm_cli.engine.position import Position
from derm_cli.engine.stage_inputs import ComputeOptions, StageInputs
from derm_cli.engine.trainer import StageTrainer
from derm_cli.phase_options import PhaseOptions
from derm_cli.plan import PAPER_AUGMENTATION, Phase, Stage
from derm_cli.plugin import BackboneSpec, Block
from derm_cli.plugin.registry import Registry
from derm_cli.taxonomy import LesionClass
from derm_cli.workflows.training.component_options import complete_phase
from derm_cli.workflows.training.phase_options import with_phase_options

SIZE = 16
CLASSES = tuple(LesionClass(name=name, title=name) for name in "ABC")
FROZEN_BLOCK = ((), ("block2",), ("block2", "block1"))


def build(size: int, weights: str | None, dropout: float = 0.2):
    """Three blocks of convolution, BatchNorm, ReLU and dropout, the stem and two more."""
    import keras
    from keras import layers

    entry = keras.Input((size, size, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(entry)
    for name, filters in (("stem", 4), ("block1", 6), ("block2", 8)):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", name=f"{name}_conv")(x)
        x = layers.BatchNormalization(name=f"{name}_bn", momentum=0.75)(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.Dropout(dropout, name=f"{name}_drop", seed=5)(x)
    return keras.Model(entry, x)


TINY = BackboneSpec(
    name="tiny",
    title="Tiny",
    parameters=1,
    input_size=SIZE,
    build=build,
    blocks=(Block(name="block2", layers=("block2_*",)), Block(name="block1", layers=("block1_*",))),
)


def made_photographs(count: int = 48, size: int = SIZE) -> tuple[Photographs, np.ndarray]:
    """Photographs, uint8, whose class is their colour, and their labels."""
    draw = np.random.default_rng(3)
    labels = np.arange(count, dtype=np.int32) % 3
    pixels = draw.integers(0, 120, (count, size, size, 3))
    pixels[np.arange(count), ..., labels] += 100
    return Photographs(((pixels.astype(np.uint8), np.arange(count)),)), labels


COMPONENTS = Registry()
"""The components of derm's own plugins."""


def phase_options(**options) -> PhaseOptions:
    """Options of a phase as ``derm train --phase`` takes them, as in ``phase_options(loss="focal", mixup=0.2)``."""
    phase = Phase(name="p", blocks=(), epochs=1, head_rate=1e-2, block_rate=1e-3)
    texts = tuple(
        f"{name.replace('_', '-')}={('off', 'on')[value] if isinstance(value, bool) else value}"
        for name, value in options.items()
    )
    (phase,) = with_phase_options((phase,), texts, COMPONENTS)
    return complete_phase(COMPONENTS, phase).options


def made_stage(
    blocks: Sequence[tuple[str, ...]] = FROZEN_BLOCK,
    epochs: int = 2,
    head_rate: float = 1e-2,
    block_rate: float = 1e-3,
    **options,
) -> Stage:
    """A stage with a phase for each of ``blocks``, all with the same epochs, rates and options."""
    phases = tuple(
        Phase(
            name=f"p{number}",
            blocks=each,
            epochs=epochs,
            head_rate=head_rate,
            block_rate=block_rate,
            options=phase_options(**options),
        )
        for number, each in enumerate(blocks)
    )
    return Stage(name="made", datasets=("made",), classes=CLASSES, phases=phases)


class TrainingLog:
    """A trainer's callback that keeps every epoch and position, and calls ``at`` at each position."""

    def __init__(self, at: Callable[[Position], object] = lambda _: None, ended: Collection[tuple[int, int]] = ()):
        self.epochs, self.positions, self.at, self.ended = [], [], at, ended

    def epoch_ended(self, result, position):
        self.epochs.append(result)
        self.position_reached(position)

    def is_ended(self, phase, epoch):
        return (phase, epoch) in self.ended

    def position_reached(self, position):
        self.positions.append(position)
        self.at(position)

    @property
    def losses(self) -> list[float]:
        return [epoch.loss for epoch in self.epochs]


def trainer_for(
    spec: BackboneSpec, photographs, stage: Stage, compute: ComputeOptions | None = None, **inputs
) -> StageTrainer:
    """A trainer of a fresh network, whose weights are the same each time."""
    import keras

    keras.utils.set_random_seed(11)
    pixels, labels = photographs
    network = add_head(spec.build(pixels.shape[1], None), spec, len(stage.classes))
    settings = {
        "per_class": 2,
        "augmentation": PAPER_AUGMENTATION,
        "seed": 4,
        "norm_momentum": 0.9,
        "components": COMPONENTS,
        **inputs,
    }
    return StageTrainer(network, stage, StageInputs(pixels, labels, **settings), compute)


def assert_close(one: StageTrainer, other: StageTrainer, rtol: float = 2e-3, atol: float = 1e-3) -> None:
    """Compare what two trainers trained, but for the biases that BatchNorm takes out again.

    Float32 over some dozen steps hangs on the processor: differences up to 4e-4 were seen.  Gradients of those biases
    are nothing but rounding, of which Adam makes steps as long as any.
    """
    for ours, theirs in zip(one.network.model.weights, other.network.model.weights, strict=True):
        if not ours.path.endswith("conv/bias"):
            np.testing.assert_allclose(np.array(ours), np.array(theirs), rtol, atol, err_msg=ours.path)


def weights(trainer: StageTrainer) -> list[np.ndarray]:
    return [np.array(variable) for variable in trainer.network.model.variables]
