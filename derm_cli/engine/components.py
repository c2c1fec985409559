"""The components of a phase, built from their names and options in the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from derm_cli.phase_options import Component
from derm_cli.plan import Phase, Stage
from derm_cli.plugin import (
    AnnealingSpec,
    AugmentationSpec,
    Average,
    AverageSpec,
    ComponentSpec,
    Loss,
    LossFacts,
    LossSpec,
    Mixing,
    MixingSpec,
    OptimizerSpec,
    SamplerSpec,
    SamplingRequest,
    TargetFacts,
    TargetSpec,
    UpdateRule,
)


class ComponentTable(Protocol):
    """Gives the specs of components by kind and name, as a registry of plugins does."""

    def get(self, kind: type[Any], name: str) -> Any:
        """Return the spec.  Raises RequestError where there is none."""


@dataclass(frozen=True)
class PhaseComponents:
    """What a phase is made of, ready to be called.

    ``targets`` is float32 (photographs, classes).  See the specs in :mod:`derm_cli.plugin.component_specs`.
    """

    loss: Loss
    draw: Callable[[SamplingRequest, np.random.Generator], npt.NDArray[np.integer[Any]]]
    targets: npt.NDArray[np.float32]
    mixing: Mixing | None
    rule: UpdateRule
    factor: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]
    average: Average | None


def phase_components(
    stage: Stage,
    phase: Phase,
    labels: npt.NDArray[np.integer[Any]],
    table: ComponentTable,
    answers: npt.NDArray[np.float32] | None = None,
) -> PhaseComponents:
    """Build the components of a phase that trains on photographs of ``labels``, class indices of the stage's classes.

    ``answers``, float32 (photographs, classes), are a teacher's probabilities, None without one.

    Raises RequestError for a component that nobody offers, or one that these classes have no use for.
    """
    options = phase.options

    def build(kind: type[ComponentSpec], component: Component, *facts: Any) -> Any:
        return table.get(kind, component.name).build(component.options, *facts)

    counts = np.bincount(labels, minlength=len(stage.classes))
    return PhaseComponents(
        loss=build(LossSpec, options.loss, LossFacts(counts=tuple(int(each) for each in counts))),
        draw=build(SamplerSpec, options.sampler),
        targets=build(TargetSpec, options.targets, TargetFacts(labels=labels, classes=stage.classes, answers=answers)),
        mixing=build(MixingSpec, options.mixing),
        rule=build(OptimizerSpec, options.optimizer),
        factor=build(AnnealingSpec, options.annealing),
        average=build(AverageSpec, options.average),
    )


def augmentation_layer(augmentation: Component, seed: int, table: ComponentTable) -> Any:
    """Return the Keras layer of an augmentation."""
    return table.get(AugmentationSpec, augmentation.name).build(augmentation.options, seed)


def step_values(
    phases: Sequence[Phase], index: int, components: PhaseComponents, steps: int
) -> npt.NDArray[np.float32]:
    """Return what each step of the phase ``index`` of a stage takes beside its batch, float32 (steps of the phase, 3).

    The columns are the factor of every rate, the share of the phase that is done, and the weight with which the step's
    weights enter their average.  ``steps`` is that of an epoch.  A factor, like the cosine's, is that of the share of
    steps before it: over the phase, or over the stage where the annealing says so.
    """
    phase = phases[index]
    count = steps * phase.epochs
    done = np.arange(count, dtype=np.float64)
    before, horizon = 0, count
    if phase.options.annealing.options.get("over") == "stage":
        epochs = [each.epochs for each in phases]
        before, horizon = steps * sum(epochs[:index]), steps * sum(epochs)
    average = components.average
    columns = [
        components.factor((before + done) / horizon),
        done / count,
        average.weights(steps, phase.epochs) if average else np.zeros(count),
    ]
    return np.stack(columns, axis=1).astype(np.float32)
