"""A differential diagnosis as SCIN writes it: a Python dict as text, ``{'Eczema': 0.67, 'Psoriasis': 0.33}``."""

from __future__ import annotations

import ast
import math
import sys
import warnings

LONGEST = 10_000
"""The longest text that is parsed, in characters; that of a case has some hundreds."""


def parse_differential(text: str) -> dict[str, float] | None:
    """Return the weight of each condition, positive and finite, or None where the text is no differential.

    The text is read as a literal; nothing in it is ever run, and neither its length nor its depth can do harm.
    """
    if len(text) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            # A strange escape in a text is no concern of the user's.
            warnings.simplefilter("ignore")
            differential = ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None
    if not isinstance(differential, dict) or not all(map(_fits, differential.keys(), differential.values())):
        return None
    return {condition.strip(): float(weight) for condition, weight in differential.items()}


def leading_conditions(weights: dict[str, float]) -> tuple[str, ...]:
    """Return the conditions of which none weighs more: one, or several that weigh the same."""
    most = max(weights.values(), default=0.0)
    return tuple(condition for condition, weight in weights.items() if math.isclose(weight, most))


def _fits(condition: object, weight: object) -> bool:
    is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
    # An integer may be larger than any float.
    fits = is_number and 0 < weight <= sys.float_info.max  # type: ignore[operator]
    return isinstance(condition, str) and bool(condition.strip()) and fits
