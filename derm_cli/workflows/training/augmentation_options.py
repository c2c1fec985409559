"""Changing the augmentation by texts: ``derm train --augment NAME=RANGE``."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plan import Augmentation
from derm_cli.workflows.training.limits import AUGMENTATION


def with_augmentation_options(augmentation: Augmentation, assignments: tuple[str, ...]) -> Augmentation:
    """Change ranges of ``augmentation`` by texts such as ``rotation=0,15`` and ``flip=0``.

    Raises RequestError for an unknown name, a value that is no number, or a range that is no range.
    """
    names = [each.name for each in fields(Augmentation)]
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        if name not in names:
            raise RequestError(f"--augment '{assignment}' names no augmentation.{did_you_mean(name, names)}")
        is_range = isinstance(getattr(augmentation, name), tuple)
        numbers = _numbers(text)
        if len(numbers) != (2 if is_range else 1) or not all(math.isfinite(each) and each >= 0 for each in numbers):
            expected = "two numbers, as in rotation=1,30" if is_range else "a number, as in flip=0.5"
            raise RequestError(f"--augment '{assignment}' must give {expected}, none below 0.")
        if is_range and numbers[0] > numbers[1]:
            raise RequestError(f"--augment '{assignment}' must give the smaller number first.")
        if not is_range and numbers[0] > 1:
            raise RequestError(f"--augment '{assignment}' must give a share between 0 and 1.")
        if numbers[-1] > AUGMENTATION[name]:
            raise RequestError(f"--augment '{assignment}' must give numbers up to {AUGMENTATION[name]:g}.")
        value: Any = numbers if is_range else numbers[0]
        augmentation = replace(augmentation, **{name: value})
    return augmentation


def _numbers(text: str) -> tuple[float, ...]:
    """Return the numbers of a text, comma by comma; none where one is no number."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        return ()
