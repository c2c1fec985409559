"""The contract of a recipe: options that ``derm train`` has, with values of their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derm_cli.errors import did_you_mean
from derm_cli.preprocessing import NO_STEPS

REPEATED = {"phase": "phase_options", "augment": "augment"}
"""Options that a recipe and a user give together: the recipe's come first, so that the user's win."""

TYPES: dict[str, type | tuple[type, ...]] = {
    "strategy": str,
    "schedule": str,
    "size": int,
    "resize": str,
    "interpolation": str,
    "crop": str,
    "crop-margin": (int, float),
    "constancy": str,
    "epochs": int,
    "head-rate": (int, float),
    "block-rate": (int, float),
    "per-class": int,
    "norm-momentum": (int, float),
    "validation-share": (int, float),
    "augmentation": str,
    "no-augment": bool,
    "views": str,
    "focus": (int, float),
    "pooling": str,
    "logit-adjustment": (int, float),
    "metadata": str,
    "preprocess": tuple,
    **dict.fromkeys(REPEATED, tuple),
}
"""The options that a recipe can set, by their names on the command line, and the types of their values."""


def values_fault(values: Mapping[str, Any]) -> str:
    """Return what a recipe sets that none can, or a value of another type, '' where there is neither.

    It is the end of a sentence that names the recipe, with its full stop.
    """
    for key, value in values.items():
        wanted = TYPES.get(key)
        if wanted is None:
            return f"sets '{key}', which no recipe can.{did_you_mean(key, TYPES)}"
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            return f"sets '{key}' to {value!r}, but it must be {_in_words(wanted)}."
        if isinstance(value, tuple) and not all(isinstance(each, str) for each in value):
            return f"sets '{key}' to {value!r}, but each of it must be a text."
    steps = [each.partition(":")[0] for each in values.get("preprocess", ())]
    if NO_STEPS in steps:
        return f"sets 'preprocess' to {values['preprocess']!r}, but '{NO_STEPS}' is no step: leave it out."
    for name in steps:
        if steps.count(name) > 1:
            return f"sets 'preprocess' to {values['preprocess']!r}, but each step must stand once."
    return ""


def _in_words(wanted: type | tuple[type, ...]) -> str:
    words = {str: "a text", int: "a whole number", bool: "True or False", tuple: "a tuple of texts"}
    return "a number" if isinstance(wanted, tuple) else words[wanted]
