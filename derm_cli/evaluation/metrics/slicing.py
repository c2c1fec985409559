"""How a classifier does on parts of the cases: by sex, age, site, skin type and the rest, the largest gaps first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.classification import known
from derm_cli.evaluation.metrics.confusion import over, overall_shares, tally
from derm_cli.evaluation.metrics.severity import Severities, said, truly
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.resampling import (
    DRAWS,
    Drawn,
    Interval,
    Resampling,
    of_cases,
    of_proportion,
    percentiles,
    point,
)
from derm_cli.taxonomy import MALIGNANT

SLICED = (
    *("sex", "age", "site", "fitzpatrick", "skin_tone", "image_type", "dataset"),
    *("quality", "focus", "brightness"),
)
"""The columns of a predictions table by which cases are cut, where it has them."""
THIRDS = ("focus", "brightness")
"""Columns of numbers without bands of their own: they are cut into thirds of the table's cases."""
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
    draws.  ``malignant`` counts its malignant cases; ``malignant_sensitivity`` is the share of them whose most probable
    class is malignant, None without one.  ``warning`` says where it is too small to say anything.
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
    malignant: int
    malignant_sensitivity: float | None
    malignant_interval: Interval | None
    warning: str | None

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval of the gap holds zero."""
        return self.gap_interval is not None and self.gap_interval.low <= 0 <= self.gap_interval.high

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        values = {name: each.to_json() if isinstance(each, Interval) else each for name, each in vars(self).items()}
        return values | {"may_be_chance": self.may_be_chance}


def slices_of(
    predictions: Predictions, draws: int = DRAWS, seed: int = 0, severities: Severities | None = None
) -> tuple[Slice, ...]:
    """Return every slice of every column of SLICED, the largest gaps first, those that say nothing last."""
    table, resampling = SliceTable(predictions, severities), Resampling(predictions.groups, draws, seed)
    return table.slices(resampling.map(table.figures), resampling.method)


class SliceTable:
    """The cases by the values of each column, made ready for draws."""

    def __init__(self, predictions: Predictions, severities: Severities | None = None) -> None:
        self.predictions, self.size = predictions, len(predictions.classes)
        truth, predicted = predictions.places(predictions.labels), predictions.places(predictions.predictions)
        self.cells = truth * self.size + predicted
        self.malignant = np.flatnonzero(truly(predictions, severities or {}, (MALIGNANT,)))
        self.found = said(predictions, severities or {}, (MALIGNANT,))[self.malignant].astype(np.intp)
        named = {column: _named(column, predictions.about[column]) for column in SLICED if column in predictions.about}
        # A column that is the same everywhere cuts nothing.
        self.values = {column: np.unique(each, return_inverse=True) for column, each in named.items()}
        self.values = {column: each for column, each in self.values.items() if len(each[0]) > 1}

    def figures(self, weights: npt.NDArray[Any]) -> Drawn:
        """Return accuracy, balanced accuracy and gap of each slice of each column, (draws, values)."""
        found: Drawn = {}
        of_malignant = of_cases(weights, self.malignant)
        for column, (values, codes) in self.values.items():
            cells = codes * self.size**2 + self.cells
            counts = tally(cells, (len(values), self.size, self.size), weights)
            ours, others = overall_shares(counts), overall_shares(counts.sum(axis=1, keepdims=True) - counts)
            cells = codes[self.malignant] * 2 + self.found
            malignant = tally(cells, (len(values), 2), of_malignant)
            found[f"{column} malignant"] = over(malignant[..., 1], malignant.sum(axis=-1))
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
        ours = inside[self.malignant]
        malignant, detected = int(ours.sum()), int(self.found[ours].sum())
        accuracy = found[f"{column} accuracy"][place]
        parts = {"accuracy": (round(accuracy * cases), cases), "malignant": (detected, malignant)}
        ends: dict[str, Interval | None] = dict.fromkeys((*parts, "balanced", "gap"))
        for name in ends if drawn else ():
            of = drawn[f"{column} {name}"][:, place]
            ends[name] = of_proportion(*parts[name], of, method) if name in parts else percentiles(of, method)
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
            malignant=malignant,
            malignant_sensitivity=detected / malignant if malignant else None,
            malignant_interval=ends["malignant"],
            warning=_warning(cases, patients),
        )


def _named(column: str, texts: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Return the slice of each case."""
    if column in THIRDS:
        return _thirds(texts)
    say = {"age": _band, "sex": _sex, "fitzpatrick": _skin_type}.get(column, str)
    return np.array([say(text) or UNKNOWN for text in texts.tolist()])


def _thirds(texts: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    values = np.array([_number(text) for text in texts.tolist()])
    known = values[~np.isnan(values)]
    if not len(known):
        return np.full(len(texts), UNKNOWN)
    first, second = np.quantile(known, (1 / 3, 2 / 3)).tolist()
    names = np.array([f"low third, under {first:.4g}", "middle third", f"high third, from {second:.4g}"])
    named = names[np.searchsorted([first, second], np.nan_to_num(values), side="right")]
    return np.where(np.isnan(values), UNKNOWN, named)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _sex(text: str) -> str:
    return {"m": "male", "f": "female"}.get(text.lower(), text.lower())


def _skin_type(text: str) -> str:
    """Return a Fitzpatrick skin type as a digit, however it is written: ``III``, ``3.0``, ``type 3``."""
    said = text.upper().removeprefix("TYPE").strip()
    types = ("I", "II", "III", "IV", "V", "VI")
    if said in types:
        return str(types.index(said) + 1)
    number = _number(said)
    return f"{number:g}" if number in range(1, 7) else text


def _band(text: str) -> str:
    years = _number(text)
    if not 0 <= years <= 130:
        return UNKNOWN
    start = max(each for each in AGES if each <= years)
    later = [each for each in AGES if each > start]
    return f"{start} to {later[0] - 1}" if later else f"{start} and over"


def _warning(cases: int, patients: int | None) -> str | None:
    few = cases if patients is None else min(cases, patients)
    if few >= FEWEST:
        return None
    noun = "patient" if patients is not None and patients < cases else "case"
    return f"too small to say anything: {few} {noun}{'' if few == 1 else 's'}"
