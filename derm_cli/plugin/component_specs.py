"""The kinds of components that recipes are made of, each a spec that a plugin can add, and recipes themselves.

A component has a name and options in the plan.  ``build`` makes of them what the engine calls: plain functions and
arrays, and Keras layers and operations where it acts inside the network.  What :mod:`derm_cli.plugin.components`
defines passes between the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.phase_options import Component
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


@dataclass(frozen=True, kw_only=True)
class ComponentOption:
    """An option of a component: its name in lower case, its default, and what it means.

    A number lies between ``least`` and ``most``.  A default that is a pair of numbers asks for a range, the smaller
    number first; a text for one of ``choices``; a boolean for ``on`` or ``off``; a whole number for a whole number.
    """

    name: str
    default: float | int | str | bool | tuple[float, float]
    title: str
    least: float = 0.0
    most: float = 1.0
    choices: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if isinstance(self.default, bool):
            return "'on' or 'off'"
        bounds = f"from {self.least:g} to {self.most:g}"
        if isinstance(self.default, tuple):
            return f"two numbers {bounds}, the smaller first"
        return f"a whole number {bounds}" if isinstance(self.default, int) else f"a number {bounds}"

    def checked(self, value: Any) -> Any:
        """Return a value in the option's type.  Raises ValueError where it is none that the option can have."""
        if self.choices:
            if value not in self.choices:
                raise ValueError
            return value
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise ValueError
            return value
        if isinstance(self.default, tuple):
            low, high = (self._number(each) for each in value)
            if low > high:
                raise ValueError
            return low, high
        number = self._number(value)
        if isinstance(self.default, int):
            if number != int(number):
                raise ValueError
            return int(number)
        return number

    def read(self, text: str) -> Any:
        """Return the value that a text such as ``2``, ``0.1..0.9`` or ``on`` stands for.  Raises ValueError."""
        if isinstance(self.default, tuple):
            separator = ".." if ".." in text else ","
            return self.checked(tuple(float(each) for each in text.split(separator)))
        if isinstance(self.default, bool):
            return {"on": True, "off": False}[text] if text in ("on", "off") else self.checked(text)
        return self.checked(text if self.choices else float(text))

    def _number(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        if not (math.isfinite(value) and self.least <= value <= self.most):
            raise ValueError
        return float(value)


class OptionedSpec(Spec):
    """A spec with options of its own, each with its default, its type and what it means, which users give by text."""

    options: tuple[ComponentOption, ...]

    def _require_options(self) -> None:
        self._require_tuple("options", ComponentOption)
        for option in self.options:
            try:
                option.checked(option.default)
            except (TypeError, ValueError):
                self._require(False, f"options: {option.name}", option.default, option.wanted)

    def component(self, options: Mapping[str, Any] | None = None) -> Component:
        """Return the component with ``options``, and with its defaults for the others.

        Raises RequestError for an unknown option, or a value that it cannot have.
        """
        given = dict(options or {})
        known = {option.name: option for option in self.options}
        for name in given:
            self.option(name)
        values = {}
        for name, option in known.items():
            value = given.get(name, option.default)
            try:
                values[name] = option.checked(value)
            except (TypeError, ValueError):
                raise RequestError(
                    f"The {self.kind} '{self.name}' has '{name}' as '{shown(value)}', but it must be {option.wanted}."
                ) from None
        return Component(name=self.name, options=values)

    def option(self, name: str) -> ComponentOption:
        """Return the option of a name.  Raises RequestError where there is none."""
        known = {option.name: option for option in self.options}
        if name not in known:
            having = f" Options: {', '.join(known)}." if known else " It has none."
            raise RequestError(
                f"The {self.kind} '{self.name}' has no option '{name}'.{did_you_mean(name, known)}{having}"
            )
        return known[name]

    def read_option(self, name: str, text: str, asked_by: str) -> Any:
        """Return the value that a text gives an option; ``asked_by`` begins the sentence of an error.

        Raises RequestError for an option that is not there, or a value that it cannot have.
        """
        option = self.option(name)
        try:
            return option.read(text)
        except (KeyError, ValueError):
            raise RequestError(
                f"{asked_by}: '{name}' of the {self.kind} '{self.name}' must be {option.wanted}, as in "
                f"{name}={shown(option.default)}."
            ) from None


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


def shown(value: Any) -> str:
    """Return a value of an option as it is typed."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | list):
        return "..".join(shown(each) for each in value)
    return f"{value:g}" if isinstance(value, int | float) else str(value)


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
    ``head-rate`` …), with numbers, texts and booleans; ``phase`` and ``augment``, which repeat, with a tuple of texts.
    What is not in it is the paper's.  ``source`` says where the values come from.
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
