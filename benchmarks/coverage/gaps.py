"""How often a subgroup that is served as well as all others is told to have a gap, and how often a real gap is found.

"Before" is what is usual: balanced accuracy of whatever classes each side has, and each interval by itself.
"""

from __future__ import annotations

import numpy as np

from benchmarks.coverage.populations import Population, Table
from derm_cli.evaluation.array_types import Strings, Weights
from derm_cli.evaluation.intervals.fewest import FEWEST_OF_A_SUBGROUP
from derm_cli.evaluation.intervals.resampling import Replicates, Resampling, percentile_interval
from derm_cli.evaluation.metrics.confusion import Margins, overall_metrics
from derm_cli.evaluation.metrics.subgroups import SubgroupMeasure, subgroups_of
from derm_cli.evaluation.predictions import Predictions

Alarms = dict[str, bool]


def gap_alarms(population: Population, generator: np.random.Generator, gap: float = 0.0) -> Alarms:
    """Return what derm tells of the subgroups of one table, which are served equally well.

    But for ``gap``: by so much the logit of the true class is lower for men.
    """
    subgroups = subgroups_of(_cut(population, generator, gap), draws=2)
    return {
        "any subgroup": any(each.is_told for each in subgroups),
        "the first that is listed": subgroups[0].is_told,
        "men": any(each.is_told and each.value == "male" for each in subgroups),
    }


def usual_alarms(population: Population, generator: np.random.Generator, draws: int = 300) -> Alarms:
    """Return the same of the usual gaps, the largest of which stands first."""
    predictions = _cut(population, generator, 0.0)
    measure = SubgroupMeasure(predictions)

    def gaps(weights: Weights) -> Replicates:
        found = {}
        for column, (names, codes) in measure.columns.items():
            cells, shape = codes * measure.size, (len(names), measure.size)
            margins = Margins.of_cases(cells + measure.truth, cells + measure.predicted, shape, weights)
            others = Margins(*(each.sum(axis=-2, keepdims=True) - each for each in vars(margins).values()))
            own, rest = (overall_metrics(each)["balanced_accuracy"] for each in (margins, others))
            found[column] = own - rest
        return found

    drawn, point = Resampling(predictions.patients, draws).map(gaps), gaps(np.ones((1, len(measure.truth))))
    told = []
    for column, (names, codes) in measure.columns.items():
        for code in range(len(names)):
            interval = percentile_interval(drawn[column][:, code], "bootstrap")
            if len(np.unique(predictions.patients[codes == code])) >= FEWEST_OF_A_SUBGROUP and interval is not None:
                told.append((abs(float(point[column][0, code])), interval.low > 0 or interval.high < 0))
    return {
        "any subgroup": any(is_told for _, is_told in told),
        "the first that is listed": max(told)[1] if told else False,
    }


def _cut(population: Population, generator: np.random.Generator, gap: float) -> Predictions:
    """Draw a table whose cases have the columns that subgroups are formed by, six of them as real ones have."""
    table = population.draw(generator)
    columns = _columns(table, len(population.shares), generator)
    probabilities = table.probabilities[0].copy()
    men = np.flatnonzero(columns["sex"] == "male")
    probabilities[men, table.labels[men]] *= np.exp(-gap)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predictions = Table(table.labels, table.patients, (probabilities,)).predictions()
    return Predictions(**{**vars(predictions), "metadata": {**predictions.metadata, **columns}})


def _columns(table: Table, classes: int, generator: np.random.Generator) -> dict[str, Strings]:
    """Return the columns; which diagnoses patients have depends on their age, and on whether they were asked."""
    patients, count = table.patients, int(table.patients.max()) + 1
    own = np.zeros(count, dtype=np.intp)
    own[patients] = table.labels
    shares = generator.dirichlet(np.full(5, 2.0), size=classes).cumsum(axis=1)
    ages = 20 * (shares[own] < generator.random((count, 1))).sum(axis=1) + 10
    sexes = np.array(["male", "female"])[generator.integers(2, size=count)]
    skin = generator.choice(["1", "2", "3", "4", "5", "6"], p=[0.12, 0.34, 0.3, 0.14, 0.07, 0.03], size=count)
    # Who was not asked is of the most frequent class mostly.
    asked = generator.random(count) > np.where(own == np.bincount(table.labels).argmax(), 0.6, 0.1)
    sites = generator.choice(list("abcdefg"), p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05], size=len(patients))
    return {
        "sex": np.where(asked, sexes, "")[patients],
        "age": ages.astype(str)[patients],
        "fitzpatrick": np.where(asked, skin, "")[patients],
        "site": sites,
        "quality": generator.choice(["", "blurred", "dark"], p=[0.8, 0.15, 0.05], size=len(patients)),
        "focus": generator.normal(size=len(patients)).astype(str),
        "brightness": generator.normal(size=len(patients)).astype(str),
    }
