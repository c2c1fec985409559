"""Whether a threshold that promises a sensitivity reaches it, on average over validation parts, and its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.coverage.populations import Population, large_table, population
from benchmarks.report import Table
from derm_cli.evaluation.array_types import Floats
from derm_cli.evaluation.metrics.prediction_sets import COVERAGE
from derm_cli.evaluation.metrics.promises import promise

CLASSES = 5
TARGETS = (0.9, 0.95, 0.99)
PATIENTS = (10, 20, 40, 120)
"""About how many patients with a case to be found a validation part has."""
SAMENESS = 0.8
"""How much the photographs of one patient have one class: most photographs of who has a melanoma show it."""
MOST = (1, 10, 50)
HEADER = ("photographs a patient", "to be found", "for", "before: reached", "given", "reached", "interval covers")


@dataclass(frozen=True)
class Tried:
    """What thresholds of many validation parts reach: the share of cases of the population, where one was given.

    ``before`` is what the threshold reached that finds the share of the cases it is chosen on, in every part.
    """

    patients: float
    before: Floats
    reached: Floats
    covered: Floats
    sets: int

    def cells(self, most: int, target: float) -> list[str]:
        """Return the row of a table."""
        given = len(self.reached) / self.sets
        return [
            "1" if most == 1 else f"1–{most}",
            f"{self.patients:.0f} patients" if most > 1 else f"{self.patients:.0f}",
            f"{target:.0%}",
            with_error(self.before),
            f"{given:.0%}",
            with_error(self.reached),
            with_error(self.covered),
        ]


def with_error(shares: Floats) -> str:
    """Return a mean in percent with its Monte-Carlo error, '–' of fewer than two."""
    if len(shares) < 2:
        return "–"
    return f"{100 * shares.mean():.1f} ± {100 * shares.std(ddof=1) / np.sqrt(len(shares)):.1f}"


def threshold_tables(sets: int, seed: int, most: Sequence[int] = MOST) -> Iterator[Table]:
    """Yield what triage thresholds reach, and prediction sets of the rarest class, on ``sets`` parts each."""
    for title, find, targets in (
        (f"Sensitivity that a threshold reaches, %, {sets} validation parts", (0, 1, 2), TARGETS),
        (f"Coverage of the rarest class by its own prediction sets, %, {sets} validation parts", (0,), (COVERAGE,)),
    ):
        rows = []
        for each in most:
            for patients in PATIENTS:
                for target in targets:
                    generator = np.random.default_rng([seed, each, patients, round(1000 * target)])
                    rows.append(tried(part_of(each, patients, find), find, target, sets, generator).cells(each, target))
        yield Table(title, list(HEADER), rows)


def part_of(most: int, patients: int, find: tuple[int, ...]) -> Population:
    """Return the population of validation parts with about so many patients who have a case to be found."""
    base = population(CLASSES, most)
    share = sum(base.shares[label] for label in find)
    photographs = round(patients / share * (1 + most) / 2)
    return replace(base, photographs=photographs, sameness=SAMENESS if most > 1 else 0.0)


def tried(of: Population, find: tuple[int, ...], target: float, sets: int, generator: np.random.Generator) -> Tried:
    """Choose a threshold on each of ``sets`` parts, by derm and as before, and look what it finds in the population."""
    everybody = large_table(of)
    found_at = np.sort(scores_of(everybody.probabilities[0], find)[np.isin(everybody.labels, find)])

    def share_above(threshold: float) -> float:
        return 1 - float(np.searchsorted(found_at, threshold)) / len(found_at)

    before, reached, covered, patients = [], [], [], []
    for _ in range(sets):
        part = of.draw(generator)
        own = np.isin(part.labels, find)
        if not own.any():
            continue
        scores, groups = scores_of(part.probabilities[0], find)[own], part.patients[own]
        patients.append(len(np.unique(groups)))
        before.append(share_above(threshold_of_the_same(scores, target)))
        chosen = promise(scores, groups, target)
        if chosen.threshold is not None and chosen.interval is not None:
            reached.append(share_above(chosen.threshold))
            covered.append(chosen.interval.low <= reached[-1] <= chosen.interval.high)
    return Tried(float(np.mean(patients)), np.array(before), np.array(reached), np.array(covered, dtype=float), sets)


def scores_of(probabilities: Floats, find: tuple[int, ...]) -> Floats:
    """Return the summed probabilities of the classes to be found."""
    return np.asarray(probabilities[:, list(find)].sum(axis=1))


def threshold_of_the_same(scores: Floats, target: float) -> float:
    """Return the highest threshold that finds a share of the very cases that it is chosen on."""
    return float(np.sort(scores)[::-1][int(np.ceil(target * len(scores) - 1e-9)) - 1])
