"""Views: a predictor that answers by several arrangements of a photograph (test-time augmentation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.calibration import softmax
from derm_cli.phase_options import Component
from derm_cli.plan import NO_VIEWS
from derm_cli.plugin import ArtefactFacts, Predictor, View, ViewSpec, checked_probabilities
from derm_cli.plugin.registry import Registry

SMALLEST = 1e-38
"""Of a probability before its logarithm is taken: float32 has hardly any smaller."""


class ViewedPredictor:
    """Answers with the geometric mean of what ``predictor`` answers for each view of a photograph.

    So the mean is one of logits, and a temperature by which all are divided divides the mean.
    """

    def __init__(self, predictor: Predictor, views: Sequence[View]) -> None:
        self.facts: ArtefactFacts = predictor.facts
        self._predictor, self._views = predictor, views
        self.is_concurrent = is_concurrent(predictor)

    def __call__(
        self, photographs: npt.NDArray[Any], answers: npt.NDArray[Any] | None = None
    ) -> npt.NDArray[np.float32]:
        """Return the probabilities, float32 (n, classes); ``answers`` are those that the predictor takes, if any.

        Raises DermError where what it answers for a view is no number, which a mean could hide.
        """
        found = [self._predictor(np.ascontiguousarray(view(photographs)), answers) for view in self._views]
        return softmax_of_mean(
            [np.log(np.maximum(checked_probabilities(each, self.facts), SMALLEST)) for each in found]
        )


def is_concurrent(predictor: Predictor) -> bool:
    """Tell whether several threads may ask a predictor at once, each about a photograph; who says nothing may not."""
    return bool(getattr(predictor, "is_concurrent", False))


def with_views(predictor: Predictor, registry: Registry) -> Predictor:
    """Return a predictor that looks at the views that its facts name; itself where these are the photograph alone.

    Raises RequestError where nobody offers views of that name.
    """
    views = predictor.facts.views
    return predictor if views == NO_VIEWS else ViewedPredictor(predictor, views_of(registry, views))


def views_of(registry: Registry, views: Component) -> tuple[View, ...]:
    """Return the functions that arrange photographs, of a plan's or an artefact's views."""
    return tuple(registry.get(ViewSpec, views.name).build(views.options))


def softmax_of_mean(logits: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
    """Return the probabilities of the mean of several logits, each (n, classes), as float32."""
    return softmax(np.mean([each.astype(np.float64) for each in logits], axis=0)).astype(np.float32)
