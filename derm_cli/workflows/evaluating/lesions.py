"""Tells the lesions of a predictions table apart, where that says more than their patients do, by no name of theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derm_cli.evaluation.array_types import Strings


def lesion_numbers(groups: Sequence[str], lesions: Sequence[str]) -> Strings | None:
    """Return each case's lesion as a number from 1 within its group, '' where it is not known, (n,).

    ``groups`` and ``lesions`` (n,) are those of the cases, the latter '' where unknown.  None where no lesion has
    several cases, or where cases of one group are of one lesion.
    """
    known: dict[str, dict[str, int]] = {}
    numbers = [
        str(known.setdefault(group, {}).setdefault(lesion, len(known[group]) + 1)) if lesion else ""
        for group, lesion in zip(groups, lesions, strict=True)
    ]
    pairs = [pair for pair in zip(groups, numbers, strict=True) if pair[1]]
    if len(set(pairs)) == len(pairs) or len(set(zip(groups, numbers, strict=True))) == len(set(groups)):
        return None
    return np.array(numbers)
