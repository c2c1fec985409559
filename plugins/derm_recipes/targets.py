"""Targets: what is asked of the network for a photograph of each class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from derm_cli.plugin import RequestError

if TYPE_CHECKING:
    import numpy.typing as npt

    from derm_cli.plugin import LesionClass, TargetFacts

    Shares = npt.NDArray[np.float32]


def hard(options: Mapping[str, Any], facts: TargetFacts) -> Shares:  # noqa: ARG001
    """Return 1 for the label and 0 for all else."""
    return np.eye(len(facts.classes), dtype=np.float32)[facts.labels]  # type: ignore[no-any-return]


def smoothed(options: Mapping[str, Any], facts: TargetFacts) -> Shares:
    """Return 1 - share for the label, and the share spread over all classes (Szegedy et al. 2016, section 7)."""
    share = options["share"]
    return hard(options, facts) * np.float32(1 - share) + np.float32(share / len(facts.classes))


def hierarchical(options: Mapping[str, Any], facts: TargetFacts) -> Shares:
    """Return shares in proportion to exp(-beta d) (Bertinetto et al. 2020, equation 5).

    d is the distance of a class from the label in the hierarchy of diagnoses, 0 for itself and 1 where they part at
    the top.  So to take one malignant lesion for another is a smaller mistake than to take it for a benign one.
    Raises RequestError where no class names a diagnosis.
    """
    if not any(each.diagnoses for each in facts.classes):
        raise RequestError(
            "The targets 'hierarchical' need classes that name their diagnoses, and none does: take 'smoothed'."
        )
    shares = np.exp(-options["beta"] * distances(facts.classes))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares.astype(np.float32)[facts.labels]  # type: ignore[no-any-return]


def distances(classes: tuple[LesionClass, ...]) -> npt.NDArray[np.float64]:
    """Return the distance of each pair of classes, (C, C): the height of their lowest common ancestor, 0..1.

    Heights are counted from the deepest diagnosis among the classes.  A class of several diagnoses is as near as its
    nearest.
    """
    paths = [[each.split(":") for each in one.diagnoses] for one in classes]
    depth = max((len(path) for some in paths for path in some), default=1)
    result = np.ones((len(classes), len(classes)))
    for row, some in enumerate(paths):
        for column, others in enumerate(paths):
            common = max((_common(one, other) for one in some for other in others), default=0)
            result[row, column] = 0.0 if row == column else 1.0 - min(common, depth - 1) / depth
    return result


def _common(one: list[str], other: list[str]) -> int:
    """Return how many names two paths have in common from the top."""
    same = [a == b for a, b in zip(one, other, strict=False)]
    return same.index(False) if False in same else len(same)
