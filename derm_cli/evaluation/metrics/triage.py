"""Malignant or benign: what the classes say of whom to refer, and what each threshold costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from derm_cli.evaluation.metrics.classification import known
from derm_cli.evaluation.metrics.confusion import class_shares, confusion
from derm_cli.evaluation.metrics.ranking import Ranking
from derm_cli.evaluation.metrics.severity import (
    Severities,
    said,
    scores_of,
    severity_of_cases,
    severity_places,
    threshold_for,
    truly,
)
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
from derm_cli.taxonomy import INDETERMINATE, MALIGNANT, SEVERITIES

Floats = npt.NDArray[np.float64]
TARGETS = (0.80, 0.90, 0.95, 0.98, 0.99)


@dataclass(frozen=True)
class OperatingPoint:
    """What a rule does on the test part.  Positive are the cases to be found, negative the others.

    ``target`` is the sensitivity for which ``threshold`` was chosen on the validation part: a case whose score is the
    threshold or more is referred.  Both are None where a case is referred whose most probable class is one to be found.
    ``referred`` is the share of all cases.  Shares are 0..1, None where undefined.
    """

    target: float | None
    threshold: float | None
    sensitivity: float | None
    specificity: float | None
    precision: float | None
    npv: float | None
    referred: float
    found: int
    missed: int
    unneeded: int
    intervals: dict[str, Interval]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {**vars(self), "intervals": {name: each.to_json() for name, each in self.intervals.items()}}


@dataclass(frozen=True)
class Binary:
    """Malignant against benign, indeterminate lesions left out or to be found too.

    ``as_said`` takes the most probable class at its word; ``auc`` needs probabilities, but no threshold.  ``points``
    are the operating points by their target sensitivity, none where there is no validation part to choose them on: a
    threshold that is chosen on the test part would flatter itself.
    """

    positive: tuple[str, ...]
    cases: int
    positives: int
    auc: float | None
    auc_interval: Interval | None
    as_said: OperatingPoint
    points: tuple[OperatingPoint, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            **vars(self),
            "positive": list(self.positive),
            "auc_interval": self.auc_interval and self.auc_interval.to_json(),
            "as_said": self.as_said.to_json(),
            "points": [each.to_json() for each in self.points],
        }


@dataclass(frozen=True)
class Triage:
    """Who must be seen: by the top of the ISIC hierarchy, benign, indeterminate or malignant.

    ``counts`` int64 (3, 3): true severity by row, that of the predicted class by column, in the order of SEVERITIES.
    ``unknown`` cases have no diagnosis.  ``binary`` has the judgement without and with indeterminate lesions.
    """

    counts: npt.NDArray[np.int64]
    unknown: int
    without_indeterminate: Binary | None
    with_indeterminate: Binary | None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            "severities": list(SEVERITIES),
            "counts": self.counts.tolist(),
            "unknown": self.unknown,
            "without_indeterminate": self.without_indeterminate and self.without_indeterminate.to_json(),
            "with_indeterminate": self.with_indeterminate and self.with_indeterminate.to_json(),
        }


def triage(
    test: Predictions,
    severities: Severities,
    validation: Predictions | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Triage | None:
    """Judge malignancy.  ``severities`` gives that of each class; None where no class has one.

    A case's own severity is that of its ``diagnosis`` where the table has it, else that of its class.
    """
    if not any(severities.get(name) for name in test.classes):
        return None
    table, resampling = TriageTable(test, severities, validation), Resampling(test.groups, draws, seed)
    return table.triage(resampling.map(table.figures), resampling.method)


class TriageTable:
    """The cases by what must be found, made ready for draws."""

    def __init__(self, test: Predictions, severities: Severities, validation: Predictions | None = None) -> None:
        self.test, self.severities = test, severities
        self.truth = severity_of_cases(test, severities)
        positives = {"without": (MALIGNANT,), "with": (INDETERMINATE, MALIGNANT)}
        found = {name: _Side.of(test, severities, positive, validation) for name, positive in positives.items()}
        self.sides = {name: side for name, side in found.items() if side is not None}

    def figures(self, weights: npt.NDArray[Any]) -> Drawn:
        """Return the AUC of each side, (draws,), and the shares of each operating point, (draws, points)."""
        found: Drawn = {}
        for name, side in self.sides.items():
            ours = of_cases(weights, side.used)
            if side.ranking is not None:
                found[f"{name} auc"] = side.ranking.auc(ours)
            for place, cells in enumerate(side.cells):
                shares = class_shares(confusion(cells, 2, ours))
                found |= {f"{name} {place} {share}": each[:, 1] for share, each in shares.items()}
        return found

    def triage(self, drawn: Drawn, method: Literal["bootstrap", "patients"]) -> Triage:
        """Return the judgement, with the intervals that ``drawn`` gives, which may be empty."""
        said = severity_places([self.severities.get(name) for name in self.test.predictions.tolist()])
        both = (self.truth >= 0) & (said >= 0)
        size = len(SEVERITIES)
        counts = confusion(self.truth[both] * size + said[both], size).astype(np.int64)
        found = point(self.figures, len(self.truth))
        sides = [
            self.sides[name].judged(name, found, drawn, method) if name in self.sides else None
            for name in ("without", "with")
        ]
        return Triage(counts, int((~both).sum()), *sides)


@dataclass(frozen=True)
class _Side:
    """One way to ask who must be found: the cases that are judged, and the rules by which they are referred.

    The first rule takes the most probable class at its word, the others have a target and a threshold.
    """

    positive: tuple[str, ...]
    used: npt.NDArray[np.intp]
    wanted: npt.NDArray[np.bool_]
    ranking: Ranking | None
    rules: tuple[tuple[float | None, float | None], ...]
    cells: tuple[npt.NDArray[np.intp], ...]

    @classmethod
    def of(
        cls, test: Predictions, severities: Severities, positive: tuple[str, ...], validation: Predictions | None
    ) -> _Side | None:
        scores, wanted, judged = _of_part(test, severities, positive)
        if not judged.any():
            return None
        used = np.flatnonzero(judged)
        wanted = wanted[used]
        rules: list[tuple[float | None, float | None]] = [(None, None)]
        referred, ranking = [said(test, severities, positive)[used]], None
        if scores is not None:
            scores, ranking = scores[used], Ranking.of(scores[used], wanted)
            for target, threshold in _chosen(severities, positive, validation):
                rules.append((target, threshold))
                referred.append(scores >= threshold)
        cells = tuple(wanted.astype(np.intp) * 2 + each for each in referred)
        return cls(positive, used, wanted, ranking, tuple(rules), cells)

    def judged(self, name: str, found: Drawn, drawn: Drawn, method: Literal["bootstrap", "patients"]) -> Binary:
        auc = f"{name} auc"
        points = [self._point(f"{name} {place}", place, drawn, method) for place in range(len(self.rules))]
        return Binary(
            self.positive,
            len(self.used),
            int(self.wanted.sum()),
            known(found[auc]) if auc in found else None,
            percentiles(drawn[auc], method) if auc in drawn else None,
            points[0],
            tuple(points[1:]),
        )

    def _point(self, key: str, place: int, drawn: Drawn, method: Literal["bootstrap", "patients"]) -> OperatingPoint:
        target, threshold = self.rules[place]
        (rejected, unneeded), (missed, found) = confusion(self.cells[place], 2).astype(int).tolist()
        parts = {
            "sensitivity": (found, found + missed),
            "specificity": (rejected, rejected + unneeded),
            "precision": (found, found + unneeded),
            "npv": (rejected, rejected + missed),
        }
        ends = {name: of_proportion(*part, drawn.get(f"{key} {name}"), method) for name, part in parts.items()}
        return OperatingPoint(
            target,
            threshold,
            **{name: part / whole if whole else None for name, (part, whole) in parts.items()},
            referred=(found + unneeded) / len(self.used),
            found=found,
            missed=missed,
            unneeded=unneeded,
            intervals={name: each for name, each in ends.items() if each is not None} if drawn else {},
        )


def _chosen(
    severities: Severities, positive: tuple[str, ...], validation: Predictions | None
) -> Iterator[tuple[float, float]]:
    """Yield each target with the threshold that the validation part gives for it, nothing where it can give none."""
    if validation is None:
        return
    scores, wanted, used = _of_part(validation, severities, positive)
    if scores is not None and (wanted & used).any():
        yield from ((target, threshold_for(scores[used], wanted[used], target)) for target in TARGETS)


def _of_part(
    part: Predictions, severities: Severities, positive: tuple[str, ...]
) -> tuple[Floats | None, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the scores of a part's cases, which of them are positive, and which are judged at all."""
    truth = severity_of_cases(part, severities)
    used = truth >= 0
    if INDETERMINATE not in positive:
        used &= truth != SEVERITIES.index(INDETERMINATE)
    return scores_of(part, severities, positive), truly(part, severities, positive), used
