from dataclasses import dataclass
from typing import Self

import numpy as np
import pytest

from derm_cli.evaluation import judging
from derm_cli.evaluation.array_types import Weights
from derm_cli.evaluation.intervals.resampling import (
    Interval,
    Replicates,
    Resampling,
    ResamplingMethod,
    percentile_interval,
    point_estimates,
)
from derm_cli.evaluation.judging import MEASURES, judge
from derm_cli.evaluation.measure import EvaluationInput, Measure, measure_all, measure_one
from derm_cli.evaluation.predictions import Predictions
from tests.support.synthetic_tables import random_table, small


@dataclass(frozen=True)
class Share:
    value: float
    interval: Interval | None

    def to_json(self) -> dict[str, object]:
        return {"value": self.value, "interval": self.interval and self.interval.to_json()}


class ErrorRate(Measure[Share]):
    """What somebody adds: the share of cases that are wrong, where two or more are judged."""

    name = "errors"

    def __init__(self, wrong: np.ndarray) -> None:
        self.wrong = wrong

    @classmethod
    def of(cls, given: EvaluationInput) -> Self | None:
        wrong = given.test.labels != given.test.predictions
        return cls(wrong.astype(float)) if len(wrong) > 1 else None

    def replicates(self, weights: Weights) -> Replicates:
        return {"error/rate": weights @ self.wrong / weights.sum(axis=1)}

    def result(self, replicates: Replicates, method: ResamplingMethod) -> Share:
        value = float(point_estimates(self.replicates, len(self.wrong))["error/rate"])
        return Share(value, percentile_interval(replicates["error/rate"], method) if replicates else None)


def test_a_measure_is_added_by_a_class_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    table = random_table(0, 100, 3)
    before = judge(table, {}, draws=30).to_json()
    monkeypatch.setattr(judging, "MEASURES", (*MEASURES, ErrorRate))
    judgement = judge(table, {}, draws=30)
    errors = judgement.result_of(ErrorRate)
    assert errors is not None
    assert errors.value == pytest.approx(1 - judgement.evaluation.accuracy)
    assert errors.interval is not None
    content = judgement.to_json()
    assert list(content) == [*before, "errors"]
    # It has the same draws as all others, and changes none of them.
    assert content == before | {"errors": errors.to_json()}


def test_a_measure_that_the_table_does_not_allow_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MEASURES", (*MEASURES, ErrorRate))
    judgement = judge(small("A", "A", "AB"), {}, draws=0)
    assert judgement.result_of(ErrorRate) is None
    assert judgement.to_json()["errors"] is None


def test_together_each_gets_its_own_draws() -> None:
    table: Predictions = random_table(1, 80, 3)
    given = EvaluationInput(table)
    measures = [measure for each in (*MEASURES, ErrorRate) if (measure := each.of(given)) is not None]
    together = measure_all(measures, Resampling(table.patients, 20))
    for measure in measures:
        assert together[measure.name].to_json() == measure_one(measure, table, 20).to_json()


def test_no_two_measures_have_one_name() -> None:
    names = [measure.name for measure in MEASURES]
    assert len(set(names)) == len(names)
    assert not any("/" in name for name in names)
