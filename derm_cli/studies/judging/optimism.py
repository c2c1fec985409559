"""By how much the figure of a chosen row is too high, since it was chosen by it.

The best of many rows is partly the best by chance: by who happened to be among the patients that it was chosen on.  So
the choice itself is drawn anew (BBC-CV: Tsamardinos, Greasidou and Borboudakis, Machine Learning 107:1895-1922, 2018,
after Efron and Tibshirani 1993, ch. 17; it was found less biased than Tibshirani and Tibshirani's estimate, Annals of
Applied Statistics 2009).  In each draw of patients, with replacement, the best row by those drawn is chosen, and
judged on those who were not; the mean of that is the figure of such a choice on patients that it was not made by.

About 37 % of the patients are not drawn, and some metrics, such as F1 of rare classes, are different on so few whoever
is chosen.  What the same row has less on them in the mean of all draws is therefore added again, which also takes away
most of the chance of the draws themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices, Weights
from derm_cli.evaluation.metrics.classification import ClassificationMeasure
from derm_cli.evaluation.predictions import Predictions
from derm_cli.studies.judging.rule import Rule

DRAWS = 200
"""Draws: the mean over them is known ten times better than the figure itself."""


@dataclass(frozen=True)
class CorrectedChoice:
    """The figure of the best of so many ``rows``, a metric in its own unit, and what is left of it for other patients.

    ``corrected`` is None where it cannot be estimated: no row keeps the bounds in half of the draws.
    """

    rows: int
    value: float
    corrected: float | None

    @property
    def optimism(self) -> float | None:
        """By how much the figure is too high, by the estimate."""
        return None if self.corrected is None else self.value - self.corrected

    @property
    def sentence(self) -> str:
        """What the figure is worth, in words."""
        said = (
            f"With {100 * self.value:.2f} % it is the best of {self.rows} rows by these same answers, so too high by "
            "what chance gave it"
        )
        if self.corrected is None:
            return f"{said}: by how much cannot be told, since in most draws of patients no row keeps the bounds."
        return (
            f"{said}: by {100 * (self.value - self.corrected):.2f} points by a bootstrap of the choice, which leaves "
            f"{100 * self.corrected:.2f} %."
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"best_of": self.rows, "value": self.value, "corrected": self.corrected, "optimism": self.optimism}


def corrected_choice(rows: Mapping[str, Sequence[Predictions]], rule: Rule, chosen: str) -> CorrectedChoice | None:
    """Return what is left of the figure of the ``chosen`` row for patients that it was not chosen by.

    ``rows`` are those that figures alone may keep from being chosen, each with a table a seed, of the same cases.  None
    for a single row, by which nothing was chosen.
    """
    if len(rows) < 2:
        return None
    drawn = _Draws(next(iter(rows.values())))
    figures = [drawn.figures(tables, rule) for tables in rows.values()]
    values = np.stack([each.values for each in figures])
    eligible = np.stack([each.keeps for each in figures]) & ~np.isnan(values)
    own, inside, outside = values[:, 0], values[:, 1 : DRAWS + 1], values[:, DRAWS + 1 :]
    value = float(own[list(rows).index(chosen)])
    eligible = eligible[:, 1 : DRAWS + 1]
    best = np.where(eligible, inside, -np.inf).argmax(axis=0)
    columns = np.flatnonzero(eligible.any(axis=0))
    best = best[columns]
    # Of each row, how much less it has on the patients who are not drawn, whether it is chosen or not.
    known = ~np.isnan(outside)
    mean_outside = np.where(known, outside, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    found = outside[best, columns] - mean_outside[best] + own[best]
    found = found[~np.isnan(found)]
    if 2 * len(found) < DRAWS:
        return CorrectedChoice(len(rows), value, None)
    # What chance gives a choice is never less than nothing.
    return CorrectedChoice(len(rows), value, min(value, float(found.mean())))


@dataclass(frozen=True)
class _Figures:
    """The metric of a row, and whether it keeps the bounds, both (1 + 2 draws,): of all, and of those in and out."""

    values: Floats
    keeps: Flags


class _Draws:
    """Draws of patients, the same for all rows: how often a draw has each, and who is in none.

    Cases of a table that a row has in another order are found by their names.
    """

    def __init__(self, tables: Sequence[Predictions]) -> None:
        number: dict[object, int] = {}
        self.patient_of: list[dict[str, int]] = [
            {
                case: number.setdefault(group or ("", case), len(number))
                for case, group in zip(table.case_ids, table.groups, strict=True)
            }
            for table in tables
        ]
        generator = np.random.default_rng(0)
        inside = generator.multinomial(len(number), np.full(len(number), 1 / len(number)), size=DRAWS)
        everyone = np.ones((1, len(number)))
        self.weights = np.concatenate([everyone, inside, inside == 0]).T.astype(np.float32)
        self._known: dict[int, tuple[tuple[str, ...], Weights]] = {}

    def figures(self, tables: Sequence[Predictions], rule: Rule) -> _Figures:
        """Return the mean over the seeds of a row, whose tables are in the order of the first row's."""
        asked = [(rule.by, ""), *((floor.metric, floor.label) for floor in rule.floors)]
        found = np.stack(
            [
                ClassificationMeasure(table).metrics_named(asked, self._weights(seed, table).T)
                for seed, table in enumerate(tables)
            ]
        )
        floors, least = found[:, 1:], np.array([floor.least for floor in rule.floors])[:, np.newaxis]
        keeps = (floors.mean(axis=0) >= least).all(axis=0)
        if not rule.refit:
            keeps &= (floors >= least).all(axis=1).any(axis=0)
        return _Figures(found[:, 0].mean(axis=0), keeps)

    def _weights(self, seed: int, table: Predictions) -> Weights:
        """Return how often each case counts, (cases, 1 + 2 draws)."""
        known = self._known.get(seed)
        if known is None or known[0] != table.case_ids:
            rows: Indices = np.array([self.patient_of[seed][case] for case in table.case_ids], dtype=np.intp)
            known = (table.case_ids, self.weights[rows])
            self._known[seed] = known
        return known[1]
