"""An ablation: the values of a recipe with one of its parts left out, which is the paper's then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

REFERENCE = "paper"
"""The recipe whose values stand where a part is left out."""


def without_each_part(values: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
    """Yield each part of a recipe's ``values``, the values without it, and these as typed for ``derm train``.

    A part is an option, or one text of an option that repeats, such as ``sampler=square-root`` of ``phase``.
    """
    for name, value in values.items():
        if isinstance(value, tuple):
            for index, text in enumerate(value):
                rest = {**values, name: (*value[:index], *value[index + 1 :])}
                yield text, rest, typed(rest)
        else:
            rest = {key: each for key, each in values.items() if key != name}
            yield f"{name}={value}", rest, typed(rest)


def typed(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a recipe's values as options of ``derm train`` beside the paper's recipe."""
    arguments = ["--recipe", REFERENCE]
    for name, value in values.items():
        if isinstance(value, bool):
            arguments += [f"--{name}"] if value else []
        else:
            for each in value if isinstance(value, tuple) else (value,):
                arguments += [f"--{name}", str(each)]
    return tuple(arguments)
