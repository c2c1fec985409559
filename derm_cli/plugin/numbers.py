"""What is taken for a number in the facts that plugins hand over."""

from __future__ import annotations

import math


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number; True and False, which Python counts among numbers, are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
