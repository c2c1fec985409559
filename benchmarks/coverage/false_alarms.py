"""Tables of false alarms and of what is found, before and after, as ``python -m benchmarks.coverage.false_alarms``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.coverage import comparisons, gaps
from benchmarks.coverage.populations import PHOTOGRAPHS, RARE, Population, population
from derm_cli.evaluation.array_types import Floats

SAMENESS = 0.5
"""The intraclass correlation of the classes of a patient's photographs."""
GAIN, GAP = 2.0, 3.0
"""What one classifier is really ahead, and men really behind, in the logit of the true class; its noise is of 2."""
LARGER = 5
"""By how much more photographs the tables have that are cut into subgroups: of 300 hardly any has enough patients."""
Alarms = Callable[[Population, np.random.Generator], dict[str, bool]]


def rates(alarms: Alarms, of: Population, data_sets: int, seed: int = 0) -> dict[str, Floats]:
    """Return how often each alarm is raised in so many data sets, with the standard error of that, both in 0..1."""
    found = [alarms(of, np.random.default_rng((seed, number))) for number in range(data_sets)]
    shares = {name: float(np.mean([each[name] for each in found])) for name in found[0]}
    return {name: np.array([share, np.sqrt(share * (1 - share) / data_sets)]) for name, share in shares.items()}


def rows(title: str, alarms: Alarms, data_sets: int, larger: int = 1) -> Iterator[str]:
    """Yield the lines of a Markdown table: a row an alarm, a column for each number of classes and of photographs."""
    cells = [(classes, most) for classes in RARE for most in PHOTOGRAPHS]
    drawn = [population(classes, most, sameness=SAMENESS) for classes, most in cells]
    found = [rates(alarms, replace(of, photographs=larger * of.photographs), data_sets) for of in drawn]
    yield f"| {title} | {' | '.join(f'{classes} classes, {_most(most)}' for classes, most in cells)} |"
    yield "|---" * (1 + len(cells)) + "|"
    for name in found[0]:
        shown = (f"{100 * each[name][0]:.1f} ± {100 * each[name][1]:.1f}" for each in found)
        yield f"| {name} | {' | '.join(shown)} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-sets", type=int, default=500)
    data_sets = parser.parse_args().data_sets
    tables: dict[str, tuple[Alarms, Alarms]] = {
        "before, %": (comparisons.usual_alarms, gaps.usual_alarms),
        "false alarms, %": (comparisons.comparison_alarms, gaps.gap_alarms),
        "found, %": (partial(comparisons.comparison_alarms, gain=GAIN), partial(gaps.gap_alarms, gap=GAP)),
    }
    for title, pair in tables.items():
        for alarms, larger in zip(pair, (1, LARGER), strict=True):
            for line in rows(title, alarms, data_sets, larger):
                print(line, flush=True)  # noqa: T201
            print(flush=True)  # noqa: T201


def _most(most: int) -> str:
    return "1 a patient" if most == 1 else f"1–{most}"


if __name__ == "__main__":
    main()
