"""The interface of measures: values for bootstrap draws of the test cases, and a result with intervals.

To add one, write a :class:`Measure` in a file of :mod:`derm_cli.evaluation.metrics` and name it in ``MEASURES`` of
:mod:`derm_cli.evaluation.judging`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

import numpy as np

from derm_cli.evaluation import REFER_AT
from derm_cli.evaluation.array_types import Floats, Indices, Weights
from derm_cli.evaluation.assumptions import NO_ASSUMPTIONS, Assumptions
from derm_cli.evaluation.baseline_predictions import BaselinePredictions
from derm_cli.evaluation.intervals.resampling import DRAWS, Replicates, Resampling, ResamplingMethod
from derm_cli.evaluation.metrics.severity import Severities
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin import MetricSpec


class Result(Protocol):
    """The result of a measure: its metrics, with intervals."""

    def to_json(self) -> Any:
        """Return the result as JSON values, as evaluation.json has it."""


ResultT_co = TypeVar("ResultT_co", bound=Result, covariant=True)


@dataclass(frozen=True)
class EvaluationInput:
    """The input of all measures: test and validation predictions, and what is known of the classes.

    ``test`` is judged; thresholds are chosen on ``validation`` alone.  ``severities`` gives that of each class
    (:func:`derm_cli.taxonomy.class_severity`), ``coarse_diagnoses`` its coarse diagnosis
    (:func:`derm_cli.taxonomy.coarse_diagnosis`).  ``refer_at`` are the sensitivities, in 0..1, for which it is chosen
    who is referred now, and who soon.  ``baselines`` are what simpler classifiers predicted for the cases of ``test``.
    ``assumptions`` tell of what the tables cannot; ``metrics`` are those of plugins.
    """

    test: Predictions
    severities: Severities = field(default_factory=dict)
    validation: Predictions | None = None
    coarse_diagnoses: Mapping[str, str] = field(default_factory=dict)
    refer_at: tuple[float, float] = REFER_AT
    baselines: tuple[BaselinePredictions, ...] = ()
    assumptions: Assumptions = NO_ASSUMPTIONS
    metrics: tuple[MetricSpec, ...] = ()

    @cached_property
    def truth(self) -> Indices:
        """The true class of each test case, (n,)."""
        return self.test.class_indices(self.test.labels)

    @property
    def probabilities(self) -> Floats | None:
        """The test cases' probabilities, (n, classes), None unless there are some of every class."""
        return self.test.complete_probabilities

    @property
    def has_severity(self) -> bool:
        """Whether the severity of any class is known."""
        return any(self.severities.get(name) for name in self.test.classes)


class Measure(ABC, Generic[ResultT_co]):
    """A family of metrics of one predictions table, made ready to be computed on many draws of its cases at once.

    ``name`` is its key in evaluation.json, where ``absent`` stands if the table does not allow it, or nothing with
    ``left_out_if_absent``.
    """

    name: ClassVar[str]
    absent: ClassVar[list[Any] | None] = None
    left_out_if_absent: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of ``inputs``; None where they lack something that it needs."""

    def replicates(self, weights: Weights) -> Replicates:
        """Return the value of each metric whose interval is made of draws, by name, in each draw: (draws, …).

        By default there is none, and what is returned tells only that there are draws.
        """
        return {"drawn": np.ones(len(weights))}

    @abstractmethod
    def result(self, replicates: Replicates, method: ResamplingMethod) -> ResultT_co:
        """Return the metrics of the table itself, with intervals from ``replicates``, none where these are empty."""


def measure_all(measures: Sequence[Measure[Any]], resampling: Resampling) -> dict[str, Any]:
    """Return the result of each measure by its name, the intervals of all from the same draws."""

    def replicates(weights: Weights) -> Replicates:
        return {
            f"{measure.name}/{metric}": values
            for measure in measures
            for metric, values in measure.replicates(weights).items()
        }

    own: dict[str, Replicates] = {measure.name: {} for measure in measures}
    for key, values in resampling.map(replicates).items():
        name, _, metric = key.partition("/")
        own[name][metric] = values
    return {measure.name: measure.result(own[measure.name], resampling.method) for measure in measures}


def measure_one(
    measure: Measure[ResultT_co], predictions: Predictions, draws: int = DRAWS, seed: int = 0
) -> ResultT_co:
    """Return the result of one measure of ``predictions``, the intervals from as many ``draws``, none from 0."""
    resampling = Resampling(predictions.patients, draws, seed, predictions.group_word)
    return measure.result(resampling.map(measure.replicates), resampling.method)
