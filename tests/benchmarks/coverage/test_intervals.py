"""The intervals of one table hold the true value as often as they say: a small, seeded form of ``make coverage``."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from benchmarks.coverage.__main__ import SIMULATIONS, main
from benchmarks.coverage.forms import Form, column
from benchmarks.coverage.intervals import coverage, interval_tables, plain_intervals, true_values
from benchmarks.coverage.populations import population
from benchmarks.coverage.tallies import Tally
from derm_cli.evaluation.intervals.resampling import Intervals, wilson_interval
from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.predictions import Predictions

SETS = 60
LEAST = 0.93
"""What the intervals are to hold at least; with so few tables, three Monte-Carlo errors less."""
ROWS = (
    *("sensitivity", "PPV", "F1", "AUC", "AP", "specificity", "accuracy", "balanced accuracy", "macro F1", "mean AUC"),
    *("weighted F1", "Cohen's kappa", "Matthews correlation"),
)


def pooled(tallies: dict[str, Tally]) -> dict[str, Tally]:
    """Return the tallies of each metric, the classes of all sizes together."""
    found: dict[str, Tally] = {}
    for name, tally in tallies.items():
        total = found.setdefault(name.partition(",")[0], Tally())
        total.asked, total.given, total.held = (
            total.asked + tally.asked,
            total.given + tally.given,
            total.held + tally.held,
        )
    return found


def too_low(tally: Tally) -> bool:
    """Return whether it held less often than it is to by more than chance, which the tables of a cell share.

    One that is not printed at all did not.
    """
    if not tally.given:
        return False
    return tally.share + 3 * (LEAST * (1 - LEAST) / min(tally.given, 2 * SETS)) ** 0.5 < LEAST


@pytest.mark.parametrize(
    ("most", "sameness", "seed"), [(1, 0.0, 0), (10, 0.0, 1), (10, 0.5, 3), (50, 0.0, 2), (50, 0.5, 4)]
)
def test_the_intervals_that_are_printed_cover(most: int, sameness: float, seed: int) -> None:
    """Also where patients have mostly one class, which is what PPV and kappa of few patients do not bear."""
    found = pooled(coverage(population(5, most, sameness=sameness), SETS, seed))
    assert set(found) >= set(ROWS)
    assert not {name: each.cell() for name, each in found.items() if too_low(each)}
    # Conservative ones are no better: not all are of a hundred in a hundred.
    assert sum(each.held for each in found.values()) < 0.99 * sum(each.given for each in found.values())


def test_what_depends_on_the_mix_of_classes_is_printed_only_where_it_holds() -> None:
    """Of three classes one has 93 % of the cases: 24 patients, nearly all of that class, do not tell how many are not.

    Kappa's interval held in 80 of 100 such tables, and those of PPV, F1 and accuracy in 84 to 92.
    """
    few, enough = (coverage(population(3, most, sameness=0.5), 40, 5) for most in (50, 10))
    for name in ("Cohen's kappa", "Matthews correlation", "weighted F1", "accuracy"):
        assert few[name].given <= 2, name
        assert enough[name].given > 20, name
        assert not too_low(enough[name]), name
    assert few["balanced accuracy"].given > 20


def test_wilsons_interval_by_photograph_does_not() -> None:
    def by_photograph(table: Predictions, evaluation: Evaluation) -> tuple[dict[str, Intervals], Intervals]:
        classes: dict[str, Intervals] = {}
        for index, (name, each) in enumerate(evaluation.per_class.items()):
            hits = int(evaluation.counts[index, index])
            found = {
                "sensitivity": wilson_interval(hits, each.support),
                "precision": wilson_interval(hits, each.predicted),
            }
            classes[name] = {metric: interval for metric, interval in found.items() if interval is not None}
        return classes, {}

    found = pooled(coverage(population(5, 50), SETS, 2, by_photograph))
    assert too_low(found["sensitivity"])
    assert too_low(found["PPV"])


def test_percentiles_do_not_cover_the_auc_of_rare_classes() -> None:
    found = coverage(population(5, 1), 15, 0, plain_intervals)
    assert found["AUC, 5 cases expected"].share < 0.85


def test_an_interval_that_is_not_printed_is_counted() -> None:
    tallies = coverage(population(5, 50), 10, 0)
    assert tallies["sensitivity, 5 cases expected"].given < tallies["sensitivity, 5 cases expected"].asked
    assert tallies["accuracy"].given == tallies["accuracy"].asked == 10


def test_true_values_are_those_of_the_population_whatever_its_patients_are_like() -> None:
    alone, alike = (true_values(population(5, 10, resemblance=each)) for each in (0.0, 0.5))
    assert alone == alike
    assert 0.3 < alone.by_class["sensitivity"][0] < alone.by_class["sensitivity"][2] < 1


def test_tables_have_a_column_for_each_number_of_photographs() -> None:
    (table,) = interval_tables(Form(sets=1, classes=(5,), most=(1, 10)))
    assert table.headers == ["", column(1), column(10), column(10, 0.5)]
    assert column(10, 0.5) == "1–10 a patient, mostly of one class"
    assert {row[0] for row in table.rows} >= {"sensitivity, 10 cases expected", "macro F1"}


def test_the_command_lists_prints_and_is_seeded() -> None:
    listed = CliRunner().invoke(main, ["--list"]).output
    assert [line.partition(":")[0] for line in listed.splitlines()] == list(SIMULATIONS)
    first, again = (CliRunner().invoke(main, ["--only", "intervals", "--sets", "1", "--seed", "3"]) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.output.splitlines()[:-1] == again.output.splitlines()[:-1]
    assert first.output.startswith(
        "**Coverage of the intervals that derm prints, in %; 5 classes, 1 data sets a cell**"
    )
