"""How many classes a table may have: more are not the labels of a classifier, but another column, such as the cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from derm_cli.errors import DermError

MOST_CLASSES = 1000
"""The confusion matrix, which is shown and stored, has this number squared of cells."""
SINGLE_CASES = 100
"""With more classes than this, a class must have two cases on average."""


def check_class_count(path: Path, labels: Sequence[str], classes: int, others: Mapping[str, Sequence[str]]) -> None:
    """Raise DermError where ``labels``, one of each case, cannot be those of ``classes`` classes.

    ``others`` are the table's other columns, of which one may have the labels: those with few values are named.
    """
    cases = len(labels)
    if classes <= MOST_CLASSES and (classes <= SINGLE_CASES or 2 * classes <= cases):
        return
    counts = {name: len(set(values)) for name, values in others.items()}
    near = sorted((count, name) for name, count in counts.items() if 1 < count <= min(SINGLE_CASES, cases // 2))
    hint = f" ('{near[-1][1]}' has {near[-1][0]} values)" if near else ""
    bound = f"derm judges at most {MOST_CLASSES}" if classes > MOST_CLASSES else "most have a single case"
    raise DermError(
        f"'{path}' has '{classes}' different labels and predictions for {cases} cases, and {bound}: is 'label' the "
        f"column of the labels?{hint} Give the classes in 'label' and 'prediction'."
    )
