"""What answers are worth: a classifier judged with them, without them, and by them alone, on the same cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.metrics.paired import OVERALL, paired_comparisons
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import DRAWS, Interval

BOTH, PHOTOGRAPH, ANSWERS = "photograph and answers", "photograph alone", "answers alone"
"""What a case is judged by."""


def value_of_answers(tables: Mapping[str, Predictions], draws: int = DRAWS, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Return the overall metrics by each of ``tables``, and how much more the first gives than the others.

    The first is :data:`BOTH`.  JSON values: ``figures`` has for each table its metrics with their intervals, ``gains``
    for each but the first the paired differences, of which more is better.
    """
    first, *others = tables
    figures: dict[str, Any] = {}
    for name, table in tables.items():
        evaluation = evaluation_of(table, draws, seed).to_json()
        intervals = {metric: each for metric, each in evaluation["intervals"].items() if metric in OVERALL}
        figures[name] = {**{metric: evaluation[metric] for metric in OVERALL}, "intervals": intervals}
    # What answers are worth is more by the first than by the others.
    paired = paired_comparisons(tables[first], {name: tables[name] for name in others}, first, intervals=draws > 0)
    gains = {name: [each.turned.to_json() for each in paired[name].overall] for name in others}
    return {"figures": figures, "gains": gains}


def answers_sentence(value: Mapping[str, Any], metric: str = "macro_f1") -> str:
    """Return in a sentence what answers are worth, of the JSON values of :func:`value_of_answers`."""
    title, figures = OVERALL_METRICS[metric].title, value["figures"]
    given = ", ".join(f"{_percent(figures[name][metric])} by {name}" for name in figures)
    (gain,) = (each for each in value["gains"][PHOTOGRAPH] if each["name"] == metric)
    interval = f" ({_percent(gain['interval'][0])} to {_percent(gain['interval'][1])})" if gain["interval"] else ""
    if gain["difference"] is None:
        return f"{title[0].upper()}{title[1:]}: {given}."
    return f"{title[0].upper()}{title[1:]}: {given}; answers add {_percent(gain['difference'])} points{interval}."


def interval_of(values: list[Any] | None) -> Interval | None:
    """Return an interval from its JSON values."""
    return None if values is None else Interval(values[0], values[1], values[2])


def _percent(share: float | None) -> str:
    return "undefined" if share is None else f"{100 * share:.1f}"
