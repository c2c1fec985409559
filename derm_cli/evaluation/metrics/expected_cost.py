"""Expected cost: what a classifier's mistakes cost on average, where it is said what each costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.errors import RequestError
from derm_cli.evaluation.array_types import Floats
from derm_cli.evaluation.assumptions import mistake_of
from derm_cli.evaluation.grouping import counted
from derm_cli.evaluation.intervals.effective_cases import Sample
from derm_cli.evaluation.intervals.fewest import FEWEST_OF_DRAWS
from derm_cli.evaluation.intervals.resampling import (
    Interval,
    Replicates,
    ResamplingMethod,
    counted_word,
)
from derm_cli.evaluation.intervals.t_intervals import mean_interval
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.predictions import Predictions

MISTAKE = 1.0
"""What a mistake costs of which nothing is said."""


@dataclass(frozen=True)
class CostRule:
    """A way to answer, and its mean cost for each case with its interval, in the unit in which costs were given.

    ``normalized`` is that of the cheapest single answer to all cases: 1 is as good as no photograph at all (Maier-Hein
    et al., Metrics reloaded, Nature Methods 2024); None where that costs nothing.
    """

    name: str
    cost: float
    normalized: float | None
    interval: Interval | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the rule as JSON values."""
        return {**vars(self), "interval": self.interval and self.interval.to_json()}


@dataclass(frozen=True)
class ExpectedCost:
    """What answering costs, by three rules.

    ``rules``: the classes as ``predicted``; ``least cost``, the class with the least expected cost by the
    probabilities, left out without them; and ``one answer``, the ``single`` class that costs least for all cases alike.
    ``costs`` (classes, classes) has what it costs to take the true class, by row, for another.  ``no_interval`` says
    why no rule has one, where that is not for want of draws.
    """

    classes: tuple[str, ...]
    costs: Floats
    single: str
    rules: tuple[CostRule, ...]
    no_interval: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the costs as JSON values."""
        return {
            "classes": list(self.classes),
            "costs": self.costs.tolist(),
            "single": self.single,
            "no_interval": self.no_interval,
            "rules": [rule.to_json() for rule in self.rules],
        }


PREDICTED, LEAST_COST, ONE_ANSWER = "predicted", "least cost", "one answer"


def cost_matrix(costs: Mapping[str, float], classes: tuple[str, ...]) -> Floats:
    """Return what each mistake costs, (classes, classes), the true class by row; 0 for what is right.

    ``costs`` names true classes, ``MEL``, or a true and a predicted one, ``MEL:NEV``, which goes before; any other
    mistake costs 1.  Raises RequestError where one names no class, or what is no mistake.
    """
    matrix = np.full((len(classes), len(classes)), MISTAKE)
    places = {name: mistake_of(name, classes) for name in costs}
    for name, (true, predicted) in places.items():
        if true == predicted:
            raise RequestError(f"--cost names '{name}', which is no mistake: what is right costs nothing.")
    for name, (true, predicted) in sorted(places.items(), key=lambda each: each[1][1] is not None):
        matrix[true, slice(None) if predicted is None else predicted] = costs[name]
    np.fill_diagonal(matrix, 0.0)
    return matrix


class ExpectedCostMeasure(Measure[ExpectedCost]):
    """Measures the mean cost of the answers, where costs were given."""

    name = "expected_cost"
    left_out_if_absent: ClassVar[bool] = True

    def __init__(self, test: Predictions, probabilities: Floats | None, costs: Floats) -> None:
        """Take the cases, their probabilities, (n, classes), and the matrix of costs."""
        self.classes, self.costs = test.classes, costs
        self.groups, self.sample = test.patients, Sample.of_cases(test.patients)
        truth, predicted = test.class_indices(test.labels), test.class_indices(test.predictions)
        # The mean hangs on how many cases there are of what costs most; where all cost the same, on the rarer classes.
        dear = costs.max(axis=1) >= costs.max()
        dear = np.arange(len(costs)) == np.bincount(truth).argmax() if dear.all() else dear
        self.dear = int(dear[truth].sum())
        self.single = int((np.bincount(truth, minlength=len(test.classes)) @ costs).argmin())
        answers = {PREDICTED: predicted}
        if probabilities is not None:
            answers[LEAST_COST] = (probabilities @ costs).argmin(axis=1)
        answers[ONE_ANSWER] = np.full(len(truth), self.single)
        self.of_case = {name: costs[truth, answer] for name, answer in answers.items()}

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None where no cost was given.  Raises as :func:`cost_matrix`."""
        costs = inputs.assumptions.costs
        if not costs:
            return None
        return cls(inputs.test, inputs.probabilities, cost_matrix(costs, inputs.test.classes))

    def result(self, replicates: Replicates, method: ResamplingMethod) -> ExpectedCost:
        """Return the costs, with intervals unless ``replicates`` are empty; none of a rule that costs nothing."""
        why = self._why_none(counted_word(method)) if replicates else None
        spread = {name: each for name, each in self.of_case.items() if each.any()} if replicates and not why else {}
        intervals = {name: mean_interval(each, self.groups) for name, each in spread.items()}
        means = {name: float(each.mean()) for name, each in self.of_case.items()}
        rules = tuple(
            CostRule(name, mean, mean / means[ONE_ANSWER] if means[ONE_ANSWER] else None, intervals.get(name))
            for name, mean in means.items()
        )
        return ExpectedCost(self.classes, self.costs, self.classes[self.single], rules, why)

    def _why_none(self, word: str) -> str | None:
        """Return why there is no interval; groups are called ``word``."""
        if self.sample.groups < FEWEST_OF_DRAWS:
            return f"{counted(self.sample.groups, word)}: too few for an interval"
        of = " of what costs most to miss", " of what costs less to miss"
        return self.sample.side_mixed_too_little(self.dear, word, of)
