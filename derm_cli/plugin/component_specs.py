"""The kinds of components that recipes are made of, each a spec that a plugin can add, and recipes themselves.

A component has a name and options in the plan.  ``build`` makes of them what the engine calls: plain functions and
arrays, and Keras layers and operations where it acts inside the network.  What :mod:`derm_cli.plugin.components`
defines passes between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from derm_cli.plugin.options import ComponentOption, OptionedSpec
from derm_cli.plugin.spec import Spec

if TYPE_CHECKING:
    import keras
    import numpy as np
    import numpy.typing as npt

    from derm_cli.plugin.components import (
        Average,
        LossFacts,
        Mixing,
        SamplingRequest,
        TargetFacts,
        UpdateRule,
        View,
    )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ComponentSpec(OptionedSpec):
    """What every kind of component has: its options, and the paper or book that defines it.

    ``source`` names the publication and its equation.  ``phase_option`` is its name among a phase's options.
    """

    phase_option: ClassVar[str] = ""

    name: str
    title: str
    build: Callable[..., Any]
    source: str = ""
    options: tuple[ComponentOption, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_callable("build")
        self._require_options()
        self._require(isinstance(self.source, str), "source", self.source, "a text")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LossSpec(ComponentSpec):
    """A loss.

    ``build(options, facts)`` gives ``loss(targets, logits, progress)`` in Keras operations: float32 shares of each
    class (n, classes), float32 logits (n, classes), and the share of the phase's steps that are done, a scalar in
    0..1; it returns the loss of each photograph, float32 (n,), in nats.
    """

    kind: ClassVar[str] = "loss"
    hook: ClassVar[str] = "derm_losses"
    phase_option: ClassVar[str] = "loss"

    build: Callable[[Mapping[str, Any], LossFacts], Callable[[Any, Any, Any], Any]]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SamplerSpec(ComponentSpec):
    """A rule by which an epoch's photographs are drawn.

    ``build(options)`` gives ``draw(request, generator)``, which returns indices of photographs, (steps, batch); it
    raises ValueError for a class without a photograph where it needs one of each.
    """

    kind: ClassVar[str] = "sampler"
    hook: ClassVar[str] = "derm_samplers"
    phase_option: ClassVar[str] = "sampler"

    build: Callable[[Mapping[str, Any]], Callable[[SamplingRequest, np.random.Generator], npt.NDArray[np.integer[Any]]]]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TargetSpec(ComponentSpec):
    """What is asked of the network for each photograph.

    ``build(options, facts)`` gives float32 shares of each class (photographs, classes), rows that sum to 1, computed
    once before a stage.
    """

    kind: ClassVar[str] = "targets"
    hook: ClassVar[str] = "derm_targets"
    phase_option: ClassVar[str] = "targets"

    build: Callable[[Mapping[str, Any], TargetFacts], npt.NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class MixingSpec(ComponentSpec):
    """How each photograph of a batch is mixed with another; ``build(options)`` gives a Mixing, None for none."""

    kind: ClassVar[str] = "mixing"
    hook: ClassVar[str] = "derm_mixings"
    phase_option: ClassVar[str] = "mixing"

    build: Callable[[Mapping[str, Any]], Mixing | None]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OptimizerSpec(ComponentSpec):
    """How a gradient moves a variable; ``build(options)`` gives an UpdateRule."""

    kind: ClassVar[str] = "optimizer"
    hook: ClassVar[str] = "derm_optimizers"
    phase_option: ClassVar[str] = "optimizer"

    build: Callable[[Mapping[str, Any]], UpdateRule]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AnnealingSpec(ComponentSpec):
    """How the rates change over the steps.

    ``build(options)`` gives ``factor(share)``: shares of the steps, float64 (n,) in 0..1, to factors of every rate,
    (n,).  An option ``over``, ``phase`` or ``stage``, tells of which steps; without it the phase's are meant.
    """

    kind: ClassVar[str] = "annealing"
    hook: ClassVar[str] = "derm_annealings"
    phase_option: ClassVar[str] = "annealing"

    build: Callable[[Mapping[str, Any]], Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AverageSpec(ComponentSpec):
    """The average of the weights that a phase ends with; ``build(options)`` gives an Average, None for none."""

    kind: ClassVar[str] = "average"
    hook: ClassVar[str] = "derm_averages"
    phase_option: ClassVar[str] = "average"

    build: Callable[[Mapping[str, Any]], Average | None]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AugmentationSpec(ComponentSpec):
    """Random changes of photographs in training.

    ``build(options, seed)`` gives a Keras layer: float32 RGB of 0..255 (n, height, width, 3) in and out, each
    photograph with a draw of its own.  All that it draws comes from one generator, its attribute ``generator``, a
    ``keras.random.SeedGenerator``, whose state is part of a checkpoint.
    """

    kind: ClassVar[str] = "augmentation"
    hook: ClassVar[str] = "derm_augmentations"

    build: Callable[[Mapping[str, Any], int], keras.layers.Layer]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ViewSpec(ComponentSpec):
    """Views of a photograph whose answers are averaged (test-time augmentation).

    ``build(options)`` gives functions of a batch, uint8 RGB (n, size, size, 3), to a batch of the same form.
    """

    kind: ClassVar[str] = "views"
    hook: ClassVar[str] = "derm_views"

    build: Callable[[Mapping[str, Any]], tuple[View, ...]]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RecipeSpec(Spec):
    """A named set of values for ``derm train``.

    ``values`` has options by their names on the command line, without the dashes (``schedule``, ``epochs``,
    ``head-rate`` …), with numbers, texts and booleans; ``phase``, ``augment`` and ``preprocess``, which repeat, with a
    tuple of texts.  What is not in it is the paper's.  ``source`` says where the values come from.
    """

    kind: ClassVar[str] = "recipe"
    hook: ClassVar[str] = "derm_recipes"

    name: str
    title: str
    source: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_text("source")
        fits = isinstance(self.values, Mapping) and all(isinstance(each, str) for each in self.values)
        self._require(fits, "values", self.values, "options by name")


PHASE_COMPONENTS: tuple[type[ComponentSpec], ...] = (
    LossSpec,
    SamplerSpec,
    TargetSpec,
    MixingSpec,
    OptimizerSpec,
    AnnealingSpec,
    AverageSpec,
)
"""The kinds of components that each phase has one of."""
