"""How a file becomes the square of pixels that a network sees, as data; :mod:`derm_cli.data.preprocessing` does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from derm_cli.phase_options import Component, in_words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NO_STEPS = "none"
"""In the place of plugins' steps it asks for none, as where a recipe has some."""
LARGEST_MARGIN = 2.0
"""Of a crop to the lesion, in shares of its longer side: nine tenths and more of such a crop are skin."""


@dataclass(frozen=True, kw_only=True)
class PreprocessingStep(Component):
    """A plugin's own change of a photograph, before it is resized: its name, its options, its ``version``.

    The version is raised where the same options give other pixels, so it is part of every key that hangs on pixels.
    ``apply`` is the plugin's function, as :class:`derm_cli.plugin.PreprocessingStepSpec` has it; it is no part of what
    is stored and compared, and None where nobody has looked it up: such a step is never left out, but refused.
    """

    version: int = 1
    apply: Callable[[npt.NDArray[np.uint8], Mapping[str, Any]], npt.NDArray[np.uint8]] | None = field(
        default=None, compare=False, repr=False
    )

    def __hash__(self) -> int:
        return hash((self.version, super().__hash__()))

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> PreprocessingStep:
        """Rebuild a step, without its function.  Raises KeyError, TypeError or ValueError where something is amiss."""
        component, version = Component.from_json(values), values["version"]
        if isinstance(version, bool) or not isinstance(version, int) or not isinstance(component.name, str):
            raise ValueError(f"version '{version}' of the preprocessing step '{component.name}' is no whole number")
        return cls(name=component.name, options=component.options, version=version)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, without its function; :meth:`from_json` is the way back."""
        return {**super().to_json(), "version": self.version}

    def text(self) -> str:
        """Return it in a few words for people, as in ``hair-removal (version 2, radius 3)``."""
        return f"{self.name} ({in_words({'version': self.version, **self.options})})"


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How a file becomes the square of pixels that the network sees; stored with the run and with every artefact.

    ``size`` is the side in pixels.  ``resize`` is ``squash`` (the paper: the shape is not kept), ``letterbox`` (kept,
    black borders) or ``crop`` (kept, the middle is cut out).  ``interpolation`` is ``nearest`` (the paper),
    ``bilinear`` or ``area``, the last two with antialiasing.  ``profile`` tells whether an embedded colour profile is
    followed, to ``srgb``, or ``ignored``.  ``crop`` is ``none`` or ``lesion``: the square about the lesion's mask with
    ``crop_margin`` of the lesion's longer side around it, where there is a mask.  ``constancy`` is ``none`` or
    ``shades-of-grey``.  docs/explanation/preprocessing.md has each step.  ``vector`` is the length of the vector from a
    file that stands in place of the photograph, 0 where the photograph itself is read.  ``steps`` are plugins' own
    changes of a photograph, one after another, after the crop and before it is resized.
    """

    size: int
    resize: Literal["squash", "letterbox", "crop"] = "squash"
    interpolation: Literal["nearest", "bilinear", "area"] = "nearest"
    profile: Literal["srgb", "ignored"] = "srgb"
    crop: Literal["none", "lesion"] = "none"
    crop_margin: float = 0.2
    constancy: Literal["none", "shades-of-grey"] = "none"
    vector: int = 0
    steps: tuple[PreprocessingStep, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; :meth:`from_json` is the way back."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        # Of photographs, without a plugin's step, it is what it always was.
        if not self.vector:
            del values["vector"]
        del values["steps"]
        return values | ({"steps": [each.to_json() for each in self.steps]} if self.steps else {})

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Preprocessing:
        """Rebuild a preprocessing that any version of derm stored, with the meaning that it had there.

        Raises KeyError, TypeError or ValueError where something is missing or not known: then nobody can tell the
        pixels that were meant.
        """
        # Before the field was there, profiles were ignored.
        steps = tuple(PreprocessingStep.from_json(each) for each in values.get("steps", ()))
        preprocessing = cls(**{"profile": "ignored", **values, "steps": steps})
        size, margin = preprocessing.size, preprocessing.crop_margin
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"size '{size}' is no number of pixels")
        if (
            isinstance(preprocessing.vector, bool)
            or not isinstance(preprocessing.vector, int)
            or preprocessing.vector < 0
        ):
            raise ValueError(f"vector '{preprocessing.vector}' is no length")
        if not isinstance(margin, int | float) or not 0 <= margin <= LARGEST_MARGIN:
            raise ValueError(f"crop_margin '{margin}' is no share from 0 to {LARGEST_MARGIN}")
        for name, kind in get_type_hints(cls).items():
            value = getattr(preprocessing, name)
            choices = get_args(kind) if get_origin(kind) is Literal else ()
            if choices and value not in choices:
                raise ValueError(f"{name} '{value}' is none of {', '.join(choices)}")
        return preprocessing

    def fingerprint(self) -> str:
        """Return a SHA-256, 64 hexadecimal digits, that is equal where a file gives the same pixels."""
        values = self.to_json()
        if self.crop == "none":
            del values["crop_margin"]
        return sha256_of_json(values)

    def text(self) -> str:
        """Return it in a few words for people."""
        if self.vector:
            return f"as vectors of {self.vector} numbers"
        words = [f"{self.size}x{self.size}", self.resize, self.interpolation]
        words += ["colour profiles ignored"] if self.profile == "ignored" else []
        words += [f"cropped to the lesion with a margin of {self.crop_margin:.0%}"] if self.crop == "lesion" else []
        words += [each.text() for each in self.steps]
        words += ["shades of grey"] if self.constancy == "shades-of-grey" else []
        return ", ".join(words)


def sha256_of_json(values: dict[str, Any]) -> str:
    """Return the SHA-256 of JSON values, whatever the order of their keys: 64 hexadecimal digits."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
