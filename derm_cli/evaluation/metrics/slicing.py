"""How a classifier does on parts of the cases: by sex, age, site, skin type and the rest, the largest gaps first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.counting import overall_shares, tally
from derm_cli.evaluation.metrics.figures import known
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import DRAWS, Drawn, Interval, Resampling, of_proportion, percentiles, point

SLICED = ("sex", "age", "site", "fitzpatrick", "skin_tone", "image_type", "dataset", "quality")
"""The columns of a predictions table by which cases are cut, where it has them."""
AGES = (0, 20, 40, 60, 80)
"""Where bands of age begin, in years."""
FEWEST = 30
"""Cases below which a slice says next to nothing; the same for its patients."""
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Slice:
    """The cases with one value of a column.

    ``accuracy`` and ``balanced_accuracy`` (over the classes that it has) are in 0..1 with 95 % intervals; ``gap`` is
    its balanced accuracy less that of all other cases, None where these are too few, ``gap_interval`` of the same
    draws.  ``warning`` says where it is too small to say anything.
    """

    column: str
    value: str
    cases: int
    patients: int | None
    classes: int
    accuracy: float
    balanced_accuracy: float
    gap: float | None
    accuracy_interval: Interval | None
    balanced_accuracy_interval: Interval | None
    gap_interval: Interval | None
    warning: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        values = vars(self).items()
        return {name: value.to_json() if isinstance(value, Interval) else value for name, value in values}


def slices_of(predictions: Predictions, draws: int = DRAWS, seed: int = 0) -> tuple[Slice, ...]:
    """Return every slice of every column of SLICED, the largest gaps first, those that say nothing last."""
    table, resampling = SliceTable(predictions), Resampling(predictions.groups, draws, seed)
    return table.slices(resampling.map(table.figures), resampling.method)


class SliceTable:
    """The cases by the values of each column, made ready for draws."""

    def __init__(self, predictions: Predictions) -> None:
        self.predictions, self.size = predictions, len(predictions.classes)
        truth, said = predictions.places(predictions.labels), predictions.places(predictions.predictions)
        self.cells = truth * self.size + said
        named = {column: _named(column, predictions.about[column]) for column in SLICED if column in predictions.about}
        # A column that is the same everywhere cuts nothing.
        self.values = {column: np.unique(each, return_inverse=True) for column, each in named.items()}
        self.values = {column: each for column, each in self.values.items() if len(each[0]) > 1}

    def figures(self, weights: npt.NDArray[Any]) -> Drawn:
        """Return accuracy, balanced accuracy and gap of each slice of each column, (draws, values)."""
        found: Drawn = {}
        for column, (values, codes) in self.values.items():
            cells = codes * self.size**2 + self.cells
            counts = tally(cells, (len(values), self.size, self.size), weights)
            ours, others = overall_shares(counts), overall_shares(counts.sum(axis=1, keepdims=True) - counts)
            found[f"{column} accuracy"] = ours["accuracy"]
            found[f"{column} balanced"] = ours["balanced_accuracy"]
            found[f"{column} gap"] = ours["balanced_accuracy"] - others["balanced_accuracy"]
        return found

    def slices(self, drawn: Drawn, method: Literal["bootstrap", "patients"]) -> tuple[Slice, ...]:
        """Return the slices, with the intervals that ``drawn`` gives, which may be empty."""
        found = point(self.figures, len(self.cells))
        slices = [
            self._slice(column, place, found, drawn, method)
            for column, (values, _) in self.values.items()
            for place in range(len(values))
        ]
        return tuple(sorted(slices, key=lambda each: (each.warning is not None, -abs(each.gap or 0.0))))

    def _slice(
        self, column: str, place: int, found: Drawn, drawn: Drawn, method: Literal["bootstrap", "patients"]
    ) -> Slice:
        values, codes = self.values[column]
        inside = codes == place
        cases, groups = int(inside.sum()), self.predictions.groups
        patients = len(np.unique(groups[inside])) if method == "patients" else None
        comparable = len(np.unique(groups[~inside])) >= FEWEST
        accuracy = found[f"{column} accuracy"][place]
        ends = {
            name: percentiles(drawn[f"{column} {name}"][:, place], method) if drawn else None
            for name in ("accuracy", "balanced", "gap")
        }
        if drawn:
            of = drawn[f"{column} accuracy"][:, place]
            ends["accuracy"] = of_proportion(round(accuracy * cases), cases, of, method)
        return Slice(
            column=column,
            value=str(values[place]),
            cases=cases,
            patients=patients,
            classes=len(np.unique(self.cells[inside] // self.size)),
            accuracy=float(accuracy),
            balanced_accuracy=float(found[f"{column} balanced"][place]),
            gap=known(found[f"{column} gap"][place]) if comparable else None,
            accuracy_interval=ends["accuracy"],
            balanced_accuracy_interval=ends["balanced"],
            gap_interval=ends["gap"] if comparable else None,
            warning=_warning(cases, patients),
        )


def _named(column: str, texts: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    return np.array([_band(text) if column == "age" else text or UNKNOWN for text in texts.tolist()])


def _band(text: str) -> str:
    try:
        years = float(text)
    except ValueError:
        return UNKNOWN
    if not 0 <= years <= 130:
        return UNKNOWN
    start = max(each for each in AGES if each <= years)
    later = [each for each in AGES if each > start]
    return f"{start} to {later[0] - 1}" if later else f"{start} and over"


def _warning(cases: int, patients: int | None) -> str | None:
    few = cases if patients is None else min(cases, patients)
    if few >= FEWEST:
        return None
    noun = "patients" if patients is not None and patients < cases else "cases"
    return f"too small to say anything: {few} {noun}, fewer than {FEWEST}"
