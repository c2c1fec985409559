"""Compares the answers of a model with those that are expected: how near they are, and whether that proves anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from derm_cli.plugin import ModelCheck, proves_nothing
from mobile_export.bundle.gates import EXACT, GATES, OF_DRAWN, Gate

Probabilities = npt.NDArray[np.float64]

MOST_NAMED = 5


def checked(
    expected: Probabilities,
    found: Probabilities,
    names: Sequence[str],
    labels: Sequence[str],
    classes: Sequence[str],
    **what: str,
) -> ModelCheck:
    """Return how near ``found`` is to ``expected``, both (n, classes); ``labels`` are '' where they are not known.

    ``what`` are the model, variant, runtime and source of the check.
    """
    gate = GATES.get(what["variant"], EXACT)
    if not any(labels):
        gate = replace(gate, agreement=min(gate.agreement, OF_DRAWN))
    differences = np.abs(found - expected).max(axis=1)
    agreement = found.argmax(axis=1) == expected.argmax(axis=1)
    recall = _recall_changes(expected, found, labels, classes)
    fault = proves_nothing(expected, gate.tolerance) or _fault(gate, differences, agreement, recall)
    order = np.argsort(-differences, kind="stable")[:MOST_NAMED]
    worst = tuple(f"{names[row]} ({differences[row]:.2g})" for row in order if differences[row] > 0)
    return ModelCheck(
        **what,
        photographs=len(expected),
        max_difference=float(differences.max()),
        mean_difference=float(np.abs(found - expected).mean()),
        agreement=float(agreement.mean()),
        recall=recall,
        fault=fault,
        worst=worst if fault else (),
    )


def _recall_changes(
    expected: Probabilities, found: Probabilities, labels: Sequence[str], classes: Sequence[str]
) -> dict[str, float]:
    """Return by how much the recall of each class is more, or less, for the classes that are among ``labels``."""
    changes = {}
    for number, name in enumerate(classes):
        rows = [row for row, label in enumerate(labels) if label == name]
        if rows:
            before, after = ((each[rows].argmax(axis=1) == number).mean() for each in (expected, found))
            changes[name] = float(after - before)
    return changes


def _fault(
    gate: Gate,
    differences: Probabilities,
    agreement: npt.NDArray[np.bool_],
    recall: dict[str, float],
) -> str:
    if not np.isfinite(differences).all():
        return "a probability is no number"
    if gate.tolerance is not None:
        largest = differences.max()
        return (
            f"a probability differs by {largest:.2g}, more than {gate.tolerance:g}" if largest > gate.tolerance else ""
        )
    # One photograph may always be otherwise: of few, it is more than the share that is accepted.
    if (~agreement).sum() > max(1, (1 - gate.agreement) * len(agreement)):
        return f"the same answer for {agreement.mean():.1%} alone, less than {gate.agreement:.0%}"
    for name, change in recall.items():
        if -change > gate.recall + 1e-9:
            return f"the recall of '{name}' is {-change:.1%} less, more than {gate.recall:.0%}"
    return ""
