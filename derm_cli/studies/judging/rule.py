"""The rule by which the row of a study is chosen: a metric, what it must have at least, and how large it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS

BY = "macro_f1"
"""The metric that a row is chosen by where none is named."""
_FLOOR = re.compile(r"(?P<metric>[a-z0-9_]+)(:(?P<label>[^=]+))?=(?P<least>[0-9.]+)", re.ASCII)


@dataclass(frozen=True)
class Floor:
    """A metric, of a class where ``label`` names one, that a row must have at least: a share in 0..1."""

    metric: str
    label: str
    least: float

    @classmethod
    def read(cls, text: str) -> Floor:
        """Read one such as ``sensitivity:MEL=0.8``.  Raises RequestError where it is none."""
        match = _FLOOR.fullmatch(text.strip())
        try:
            least = float(match["least"]) if match else -1.0
        except ValueError:
            least = -1.0
        if match is None or not 0 <= least <= 1:
            raise RequestError(
                f"--at-least is '{text}', but must be METRIC[:CLASS]=SHARE, as in sensitivity:MEL=0.8 or accuracy=0.6."
            )
        label = match["label"] or ""
        known = CLASS_METRICS if label else OVERALL_METRICS
        if match["metric"] not in known:
            raise RequestError(f"--at-least names '{match['metric']}'.{did_you_mean(match['metric'], known)}")
        return cls(match["metric"], label.strip(), least)

    def __str__(self) -> str:
        return f"{self.metric}{f' of {self.label}' if self.label else ''} at least {self.least:g}"

    def value(self, evaluation: Evaluation) -> float | None:
        """Return the metric of an evaluation.  Raises RequestError where it has not the class."""
        if not self.label:
            found: float | None = getattr(evaluation, self.metric)
            return found
        if self.label not in evaluation.per_class:
            raise RequestError(
                f"--at-least names the class '{self.label}'.{did_you_mean(self.label, evaluation.per_class)}"
            )
        of_class: float | None = getattr(evaluation.per_class[self.label], self.metric)
        return of_class


@dataclass(frozen=True)
class Rule:
    """By what a row is chosen: the most of a metric over all classes, among those that have enough, and are small.

    ``megabytes`` bounds what the chosen run has of a row, None does not.  That run is one model trained anew on
    everything where ``refit`` is true, and else as :func:`derm_cli.studies.judging.chosen_run.run_of_row` says.
    Raises RequestError for a metric that there is not, or that is better where there is less of it.
    """

    by: str = BY
    floors: tuple[Floor, ...] = ()
    megabytes: float | None = None
    refit: bool = False

    def __post_init__(self) -> None:
        if self.by not in OVERALL_METRICS:
            raise RequestError(f"--by is '{self.by}'.{did_you_mean(self.by, OVERALL_METRICS)}")
