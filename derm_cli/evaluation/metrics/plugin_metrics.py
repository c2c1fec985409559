"""Metrics of plugins, on the cases of a table and on the same draws of its patients as any other interval of draws."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from derm_cli.console import warn
from derm_cli.errors import Interrupted
from derm_cli.evaluation.array_types import Floats, Weights
from derm_cli.evaluation.grouping import counted
from derm_cli.evaluation.intervals.effective_cases import Sample
from derm_cli.evaluation.intervals.fewest import FEWEST_OF_DRAWS
from derm_cli.evaluation.intervals.resampling import (
    Interval,
    Replicates,
    ResamplingMethod,
    counted_word,
    expanded_level,
    percentile_interval,
)
from derm_cli.evaluation.measure import EvaluationInput, Measure
from derm_cli.evaluation.metrics.classification import none_if_nan
from derm_cli.evaluation.metrics.questions import Question, class_questions
from derm_cli.evaluation.metrics.severity import Severities
from derm_cli.evaluation.metrics.subgroups import SUBGROUP_COLUMNS
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plugin import JudgedCases, JudgedClass, MetricSpec
from derm_cli.plugin.calling import wrong_result
from derm_cli.plugin.declared import described
from derm_cli.plugin.judging_specs import cases_of_rows

UNDEFINED = "undefined in more than half of the draws: no interval"


@dataclass(frozen=True)
class MetricValue:
    """The value of a metric, of all cases or of a class, None where it is undefined; and why it has no interval."""

    value: float | None
    interval: Interval | None = None
    no_interval: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "value": self.value,
            "interval": self.interval and self.interval.to_json(),
            "no_interval": self.no_interval,
        }


@dataclass(frozen=True)
class PluginMetric:
    """A plugin's metric of a table: its ``values`` by class, or the one of all cases under ''; none after a fault."""

    spec: MetricSpec
    plugin: str
    values: Mapping[str, MetricValue]
    fault: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the metric as JSON values."""
        spec = self.spec
        facts = {
            "plugin": self.plugin,
            "title": spec.title,
            "better": spec.better,
            "range": [spec.lowest, spec.highest],
            "unit": spec.unit,
            "fault": self.fault,
        }
        if spec.per_class:
            return facts | {"per_class": {name: each.to_json() for name, each in self.values.items()}}
        return facts | self.values.get("", MetricValue(None)).to_json()


@dataclass(frozen=True)
class PluginMetrics:
    """The metrics of plugins, in the order of their names."""

    metrics: tuple[PluginMetric, ...]

    def to_json(self) -> dict[str, Any]:
        """Return them by name as JSON values."""
        return {each.spec.name: each.to_json() for each in self.metrics}


@dataclass
class _Computed:
    """A metric whose function is called for one draw at a time, until it fails."""

    spec: MetricSpec
    classes: int
    error: Exception | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, cases: JudgedCases) -> Floats:
        """Return its values on ``cases``, (1,) or (classes,); NaN once it has failed."""
        # Draws are computed on all cores, which a plugin need not know of.
        with self._lock:
            if self.error is None:
                try:
                    return self._checked(self.spec.compute(cases))
                except (Interrupted, MemoryError):
                    raise
                except Exception as error:
                    self.error = error
        return np.full(self.classes if self.spec.per_class else 1, np.nan)

    def _checked(self, given: Any) -> Floats:
        """Return what was given as an array.  Raises DermError where it is not what the spec promises."""
        spec = self.spec
        values = np.atleast_1d(np.asarray(given, dtype=np.float64)) if _is_number(given) else None
        wanted = f"an array of {self.classes} numbers, one a class" if spec.per_class else "a number"
        fits = values is not None and values.shape == ((self.classes if spec.per_class else 1),)
        if values is None or not fits or (np.ndim(given) != 0) != spec.per_class:
            said = f"gives {_described(given)}, but must give {wanted}"
            raise wrong_result(spec.compute, said, f"The metric '{spec.name}' {said}: tell its author.")
        for value in values.tolist():
            if not spec.is_in_range(value):
                said = f"gives {value:g}, but its range is {_range(spec)}"
                raise wrong_result(spec.compute, said, f"The metric '{spec.name}' {said}: tell its author.")
        return values


class PluginMeasure(Measure[PluginMetrics]):
    """Measures what plugins measure, where each class has probabilities."""

    name = "plugin_metrics"
    left_out_if_absent: ClassVar[bool] = True

    def __init__(self, specs: Sequence[MetricSpec], cases: JudgedCases, questions: Mapping[str, Question]) -> None:
        """Take the metrics, the cases of a table, and the question of each class, whose sides tell of its interval."""
        self.cases, self.questions, self.groups = cases, questions, np.asarray(cases.patients, dtype=np.intp)
        self.computed = [_Computed(spec, len(cases.classes)) for spec in sorted(specs, key=lambda each: each.name)]
        self.points = [each.of(cases) for each in self.computed]
        self.failed = [each.spec.name for each in self.computed if each.error is not None]

    @classmethod
    def of(cls, inputs: EvaluationInput) -> Self | None:
        """Return the measure of the test cases; None without a metric, or without a probability of every class."""
        if not inputs.metrics or inputs.probabilities is None:
            return None
        return cls(inputs.metrics, cases_for_plugins(inputs.test, inputs.severities), class_questions(inputs))

    def replicates(self, weights: Weights) -> Replicates:
        """Return each metric in each draw, (draws, 1) or (draws, classes); of a class or table too small, NaN."""
        drawn: dict[str, list[Floats]] = {each.spec.name: [] for each in self.computed}
        for row in np.asarray(weights):
            cases = _sealed(cases_of_rows(self.cases, np.repeat(np.arange(len(row)), row.astype(np.intp))))
            for each in self.computed:
                drawn[each.spec.name].append(each.of(cases))
        return {name: np.array(values) for name, values in drawn.items()}

    def result(self, replicates: Replicates, method: ResamplingMethod) -> PluginMetrics:
        """Return the metrics, with the intervals that ``replicates`` give, which may be empty; warn of each fault."""
        found = []
        for each, points in zip(self.computed, self.points, strict=True):
            plugin = plugin_of(each.spec)
            names = [one.name for one in self.cases.classes] if each.spec.per_class else [""]
            drawn = replicates.get(each.spec.name)
            values = {
                name: self._value(name, points[index], None if drawn is None else drawn[:, index], method)
                for index, name in enumerate(names)
            }
            fault = None
            if each.error is not None:
                warn(str(each.error))
                # What was computed before stands; a draw that fails takes the interval alone.
                failed = "failed" if each.spec.name in self.failed else "failed in a draw: no interval"
                fault = f"plugin '{plugin}' {failed}"
                values = {name: replace(one, interval=None, no_interval=fault) for name, one in values.items()}
            found.append(PluginMetric(each.spec, plugin, values, fault))
        return PluginMetrics(tuple(found))

    def _value(self, name: str, point: float, drawn: Floats | None, method: ResamplingMethod) -> MetricValue:
        if np.isnan(point) or drawn is None:
            return MetricValue(none_if_nan(float(point)))
        interval, why = self.interval(name, drawn, method)
        return MetricValue(float(point), interval, why)

    def interval(self, name: str, drawn: Floats, method: ResamplingMethod) -> tuple[Interval | None, str | None]:
        """Return the interval of a class's values in draws, (draws,), or '' for all cases; or why there is none."""
        if name:
            of_class = self.questions[name].drawn({name: drawn[:, np.newaxis]}, self.groups, method)
            level, why = of_class.level, of_class.why
            if not self.questions[name].has_both:
                why = "no case on one side: too few for an interval"
        else:
            sample = Sample.of_cases(self.groups)
            level, why = expanded_level(sample.equal), _too_few(self.cases, sample, counted_word(method))
        if why:
            return None, why
        interval = percentile_interval(drawn, method, level)
        return interval, None if interval else UNDEFINED


def cases_for_plugins(test: Predictions, severities: Severities) -> JudgedCases:
    """Return the cases of a table as plugins are given them, with NaN for probabilities that there are not."""
    probabilities, known = test.probabilities, dict[str, Any](severities)
    return _sealed(
        JudgedCases(
            classes=tuple(JudgedClass(name=name, severity=known.get(name)) for name in test.classes),
            labels=test.class_indices(test.labels),
            predictions=test.class_indices(test.predictions),
            probabilities=np.full((len(test.labels), len(test.classes)), np.nan)
            if probabilities is None
            else probabilities.copy(),
            patients=test.patients,
            attributes={name: test.metadata[name].copy() for name in SUBGROUP_COLUMNS if name in test.metadata},
        )
    )


def plugin_of(spec: MetricSpec) -> str:
    """Return the plugin that a metric came from; '' where it came from no registry."""
    origin = getattr(spec.compute, "origin", None)
    return origin.plugin if origin else ""


def _sealed(cases: JudgedCases) -> JudgedCases:
    arrays = (cases.labels, cases.predictions, cases.probabilities, cases.patients, *cases.attributes.values())
    for each in arrays:
        each.flags.writeable = False
    return cases


def _too_few(cases: JudgedCases, sample: Sample, word: str) -> str | None:
    """Return why a metric of all cases has no interval; what it hangs on is not known, so the rarer classes tell."""
    if sample.groups < FEWEST_OF_DRAWS:
        return f"{counted(sample.groups, word)}: too few for an interval"
    most = int(np.bincount(cases.labels).max())
    return sample.side_mixed_too_little(most, word, (" of the most frequent class", " of the other classes"))


def _is_number(given: Any) -> bool:
    return np.asarray(given).dtype.kind in "fiu"


def _described(given: Any) -> str:
    """Return what was given, for a sentence."""
    if isinstance(given, np.ndarray):
        return f"an array of shape {given.shape} of {given.dtype}"
    return described(given)


def _range(spec: MetricSpec) -> str:
    low = "-∞" if spec.lowest is None else f"{spec.lowest:g}"
    return f"{low} to {'∞' if spec.highest is None else f'{spec.highest:g}'}"
