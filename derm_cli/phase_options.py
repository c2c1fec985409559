"""The options of a phase, and the components that some of them are, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part of a training that plugins offer by name, such as a loss or a sampler, with every option that it has.

    ``options`` are numbers, texts, booleans or pairs of numbers; in a plan that :func:`prepare` made none is left out.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.name, tuple(sorted(self.options.items()))))

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Component:
        """Rebuild a component.  Raises KeyError, TypeError or AttributeError where something is missing."""
        component = cls(name=values["name"], options=with_tuples(values["options"]))
        # A list within a list, as no option is, fails here and not where plans are compared.
        hash(component)
        return component

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; :meth:`from_json` is the way back."""
        return {"name": self.name, "options": dict(self.options)}

    def text(self) -> str:
        """Return it in a few words for people, as in ``focal (gamma 2)``."""
        return f"{self.name} ({in_words(self.options)})" if self.options else self.name


@dataclass(frozen=True, kw_only=True)
class PhaseOptions:
    """How a phase trains beside its blocks, epochs and rates.  Every default is the paper's, or off.

    Components, each a kind of spec (docs/reference/recipes.md): ``loss``; ``sampler``, which photographs an epoch
    shows; ``targets``, what is asked of the network for each; ``mixing`` of two photographs; ``optimizer``;
    ``annealing`` of the rates; ``average`` of the weights, with which the phase ends.

    ``augment`` is whether photographs are augmented. ``scale`` is the share of their sides at which the phase shows
    them (:mod:`derm_cli.engine.shrinking`). ``frozen_norms`` keeps the statistics of BatchNorm, its scales and
    offsets also in blocks that learn. ``head_start`` is the strength of a regression that the head begins with, 0 for
    none, and ``head_copies`` how many augmented copies of each photograph it learns from beside the photograph itself
    (:mod:`derm_cli.engine.head_start`). ``dropout`` is the probability with which a channel is dropped before the head.
    ``clip_norm`` bounds the norm of all gradients together. ``depth_decay`` multiplies the rate of each block once for
    every unfrozen block above it (layer-wise rates, Howard and Ruder 2018, section 3.2). ``early_stopping`` is the
    number of epochs without a better balanced accuracy on the validation part after which the phase ends, and with
    ``best_epoch`` it ends with the weights of its best epoch.
    """

    loss: Component = Component(name="cross-entropy")
    sampler: Component = Component(name="balanced")
    targets: Component = Component(name="hard")
    mixing: Component = Component(name="none")
    optimizer: Component = Component(name="adam")
    annealing: Component = Component(name="constant")
    average: Component = Component(name="none")
    augment: bool = True
    scale: float = 1.0
    frozen_norms: bool = False
    head_start: float = 0.0
    head_copies: int = 0
    dropout: float = 0.0
    clip_norm: float = 0.0
    depth_decay: float = 1.0
    early_stopping: int = 0
    best_epoch: bool = False

    @property
    def validates(self) -> bool:
        """Whether the phase needs a validation part."""
        return self.early_stopping > 0 or self.best_epoch

    @property
    def components(self) -> dict[str, Component]:
        """The components by the names of their fields."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, Component)}

    def text(self) -> str:
        """Return the options that are not the defaults in a few words for people, empty where all are."""
        defaults = PhaseOptions()
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return in_words({name: value for name, value in values.items() if value != getattr(defaults, name)})

    def to_json(self) -> dict[str, Any]:
        """Return the options as JSON values; :meth:`from_json` is the way back.

        What could be said before there were components is said as it was then, so that a plan has the same hash.
        """
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        components = {name: component.to_json() for name, component in self.components.items()}
        older = {
            "annealing": _named(self.annealing, {"constant": {}, "cosine": {"over": "phase"}}),
            "label_smoothing": _amount(self.targets, "hard", "smoothed", "share"),
            "mixup": _amount(self.mixing, "none", "mixup", "alpha"),
            "dropout": self.dropout,
            "sampling": _named(self.sampler, {"balanced": {}, "natural": {}}),
            "clip_norm": self.clip_norm,
            "ema": _amount(self.average, "none", "ema", "decay", ramp=False),
            "early_stopping": self.early_stopping,
            "best_epoch": self.best_epoch,
        }
        said = {_NEW_NAMES[name] for name, value in older.items() if name in _NEW_NAMES and value is not None}
        newer = {
            name: components.get(name, value)
            for name, value in values.items()
            if name not in said and name not in older.keys() - _NEW_NAMES.keys() and value != _DEFAULTS.get(name)
        }
        return {name: value for name, value in older.items() if value is not None} | newer

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> PhaseOptions:
        """Rebuild options that any version of derm stored.  Raises TypeError or KeyError for an unknown field."""
        read: dict[str, Any] = {}
        for name, value in values.items():
            if isinstance(value, dict):
                read[name] = Component.from_json(value)
            elif name in ("annealing", "sampling"):
                over = {"over": "phase"} if value == "cosine" else {}
                read[_NEW_NAMES[name]] = Component.from_json({"name": value, "options": over})
            elif name in _AMOUNTS:
                if value:
                    component, option, others = _AMOUNTS[name]
                    options = {option: value, **others}
                    read[_NEW_NAMES[name]] = Component.from_json({"name": component, "options": options})
            else:
                read[name] = value
        return cls(**read)


_DEFAULTS: dict[str, Any] = {"loss": Component(name="cross-entropy"), "optimizer": Component(name="adam")} | {
    "augment": True,
    "scale": 1.0,
    "frozen_norms": False,
    "head_start": 0.0,
    "head_copies": 0,
    "depth_decay": 1.0,
}
"""The defaults of what no plan could say before there were components."""
_NEW_NAMES = {
    "annealing": "annealing",
    "sampling": "sampler",
    "label_smoothing": "targets",
    "mixup": "mixing",
    "ema": "average",
}
"""What options of before there were components are called now."""
_AMOUNTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "label_smoothing": ("smoothed", "share", {}),
    "mixup": ("mixup", "alpha", {}),
    "ema": ("ema", "decay", {"ramp": False}),
}
"""Options that were a number, 0 for off: the component that another number stands for, its option, and the others."""


def _named(component: Component, known: dict[str, dict[str, Any]]) -> str | None:
    """Return the name that a component had as a text, None where it had none."""
    return component.name if known.get(component.name) == component.options else None


def _amount(component: Component, off: str, name: str, option: str, **others: Any) -> float | None:
    """Return the number that a component was, None where it was none."""
    if component == Component(name=off):
        return 0.0
    value = component.options.get(option)
    return value if component == Component(name=name, options={option: value, **others}) else None


def in_words(values: Mapping[str, Any]) -> str:
    """Return names and values comma by comma, as in ``rotation 1 to 30, best epoch yes``."""

    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, Component):
            return value.text()
        if isinstance(value, tuple):
            return " to ".join(f"{each:g}" for each in value)
        return f"{value:g}" if isinstance(value, float) else str(value)

    return ", ".join(f"{name.replace('_', ' ')} {text(value)}" for name, value in values.items())


def with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of JSON with tuples in the place of lists."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
