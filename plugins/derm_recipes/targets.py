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


def distilled(options: Mapping[str, Any], facts: TargetFacts) -> Shares:
    """Return alpha of the teacher's answers, softened, and 1 - alpha of the label (Hinton et al. 2015, section 2).

    The teacher's probabilities p are softened to p^(1/T) / sum p^(1/T), which is the softmax of its logits over the
    temperature T (equation 1): so an ensemble can teach, whose probabilities are a mean and which has no logits.
    Cross-entropy is linear in its targets, so that to mix them is to add the two losses.  The network's own logits are
    not divided by T: at T = 1 the two are the same, and the teacher's answers stand for the probabilities of the labels
    (Menon et al. 2021).  Raises RequestError without a teacher.
    """
    if facts.answers is None:
        raise RequestError("The targets 'distilled' need a teacher: name a run, as in --teacher RUN.")
    alpha, temperature = options["alpha"], options["temperature"]
    # No class is impossible: of a probability that float32 has as 0, any power would be 0 too.
    softened = np.maximum(facts.answers.astype(np.float64), 1e-12) ** (1.0 / temperature)
    softened /= softened.sum(axis=1, keepdims=True)
    return (alpha * softened + (1.0 - alpha) * hard({}, facts)).astype(np.float32)  # type: ignore[no-any-return]


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
