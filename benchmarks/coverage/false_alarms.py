"""Tables of false alarms and of what is found, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.coverage import comparisons, gaps
from benchmarks.coverage.forms import Form, column
from benchmarks.coverage.populations import Population, population
from benchmarks.report import Table
from derm_cli.evaluation.array_types import Floats

SAMENESS = 0.5
"""The intraclass correlation of the classes of a patient's photographs."""
GAIN, GAP = 2.0, 3.0
"""What one classifier is really ahead, and men really behind, in the logit of the true class; its noise is of 2."""
LARGER = 5
"""By how much more photographs the tables have that are cut into subgroups: of 300 hardly any has enough patients."""
MOST_SETS = 400
"""The data sets of a cell, however many are asked for: all comparisons of a table take a tenth of a second and more."""
Alarms = Callable[[Population, np.random.Generator], dict[str, bool]]


def rates(alarms: Alarms, of: Population, data_sets: int, seed: int = 0) -> dict[str, Floats]:
    """Return how often each alarm is raised in so many data sets, with the standard error of that, both in 0..1."""
    found = [alarms(of, np.random.default_rng((seed, number))) for number in range(data_sets)]
    shares = {name: float(np.mean([each[name] for each in found])) for name in found[0]}
    return {name: np.array([share, np.sqrt(share * (1 - share) / data_sets)]) for name, share in shares.items()}


def alarm_tables(form: Form) -> Iterator[Table]:
    """Yield the tables of comparisons and of subgroups: before, under a true null, and where there is a difference."""
    form = replace(form, sets=min(form.sets, MOST_SETS))
    tables: dict[str, tuple[Alarms, Alarms]] = {
        "before, %": (comparisons.usual_alarms, gaps.usual_alarms),
        "false alarms, %": (comparisons.comparison_alarms, gaps.gap_alarms),
        "found, %": (partial(comparisons.comparison_alarms, gain=GAIN), partial(gaps.gap_alarms, gap=GAP)),
    }
    for title, pair in tables.items():
        for what, alarms, larger in zip(("Comparisons", "Subgroups"), pair, (1, LARGER), strict=True):
            yield alarm_table(f"{what}, {title}; {form.sets} data sets a cell", alarms, form, larger)
    misses = partial(comparisons.comparison_misses, gain=GAIN)
    yield alarm_table(f"Comparisons, true difference missed, %; {form.sets} data sets a cell", misses, form)


def alarm_table(title: str, alarms: Alarms, form: Form, larger: int = 1) -> Table:
    """Return a row an alarm, and a column for each number of classes and of photographs."""
    cells = [(classes, most) for classes in form.classes for most in form.most]
    drawn = [population(classes, most, sameness=SAMENESS) for classes, most in cells]
    found = [rates(alarms, replace(of, photographs=larger * of.photographs), form.sets, form.seed) for of in drawn]
    columns = [f"{classes} classes, {column(most)}" for classes, most in cells]
    rows = [[name, *(f"{100 * each[name][0]:.1f} ± {100 * each[name][1]:.1f}" for each in found)] for name in found[0]]
    return Table(title, ["", *columns], rows)
