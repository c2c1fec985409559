"""By how much the figure of a chosen row is too high."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.predictions import Predictions
from derm_cli.studies.judging.optimism import CorrectedChoice, corrected_choice
from derm_cli.studies.judging.rule import Floor, Rule

CASES, RIGHT = 300, 0.7
NAMES = np.array(["MEL", "NEV"])


def rows_of(generator, shares, *, seeds=1, of_patient=1):
    """Return rows that are right on such shares of the cases, by chance, each with a table a seed."""
    truth = np.arange(CASES) // of_patient % 2
    patients = {"patient": (np.arange(CASES) // of_patient).astype(str)}

    def table(share):
        right = np.repeat(generator.random(CASES // of_patient) < share, of_patient)
        answers = np.where(right, truth, 1 - truth)
        return Predictions(tuple(NAMES), tuple(map(str, range(CASES))), NAMES[truth], NAMES[answers], None, patients)

    return {f"r{number}": [table(share) for _ in range(seeds)] for number, share in enumerate(shares)}


def best_of(rows):
    """Return the row with the most accuracy in the mean of its seeds, and what it has."""
    values = {name: np.mean([evaluation_of(table, draws=0).accuracy for table in each]) for name, each in rows.items()}
    best = max(values, key=values.get)
    return best, values[best]


@pytest.mark.parametrize("options", [{}, {"of_patient": 3}, {"seeds": 2}], ids=["cases", "patients", "seeds"])
def test_of_twenty_equal_rows_the_corrected_figure_is_nearer_to_the_truth(options):
    generator, plain, corrected = np.random.default_rng(1), [], []
    for _ in range(12):
        rows = rows_of(generator, [RIGHT] * 20, **options)
        best, value = best_of(rows)
        found = corrected_choice(rows, Rule("accuracy"), best)
        assert found.value == pytest.approx(value)
        plain.append(found.value - RIGHT)
        corrected.append(found.corrected - RIGHT)
    # By simulation the best of twenty is 3 to 6 points too high here, and the corrected one right to one.
    assert np.mean(plain) > 0.02
    assert abs(np.mean(corrected)) < np.mean(plain) / 3
    assert np.mean(np.square(corrected)) < np.mean(np.square(plain)) / 2


def test_a_row_that_is_best_in_every_draw_has_nothing_to_be_corrected():
    rows = rows_of(np.random.default_rng(1), [0.2, 0.9, 0.2])
    found = corrected_choice(rows, Rule("accuracy"), "r1")
    assert found.corrected == pytest.approx(found.value)
    assert (found.rows, found.optimism) == (3, pytest.approx(0, abs=1e-9))


def test_the_order_of_cases_does_not_matter():
    rows = rows_of(np.random.default_rng(1), [RIGHT] * 4)
    order = np.random.default_rng(2).permutation(CASES)
    (table,) = rows["r2"]
    turned = replace(
        table,
        case_ids=tuple(table.case_ids[row] for row in order),
        labels=table.labels[order],
        predictions=table.predictions[order],
        metadata={"patient": table.metadata["patient"][order]},
    )
    best, _ = best_of(rows)
    assert corrected_choice(rows | {"r2": [turned]}, Rule("accuracy"), best) == corrected_choice(
        rows, Rule("accuracy"), best
    )


def test_bounds_are_part_of_what_is_drawn():
    rows = rows_of(np.random.default_rng(1), [0.9, 0.8, 0.8])
    free = corrected_choice(rows, Rule("accuracy"), "r0")
    # No row but the first keeps it, and it does in most draws.
    bounded = corrected_choice(rows, Rule("accuracy", (Floor("sensitivity", "MEL", 0.85),)), "r0")
    assert bounded.corrected == pytest.approx(free.corrected, abs=0.01)
    never = corrected_choice(rows, Rule("accuracy", (Floor("sensitivity", "MEL", 1.0),)), "r0")
    assert (never.corrected, never.optimism) == (None, None)
    assert never.sentence.endswith("cannot be told, since in most draws of patients no row keeps the bounds.")


def test_a_bound_is_kept_by_some_seed_or_where_one_is_trained_anew_by_the_mean():
    rows = rows_of(np.random.default_rng(1), [0.5, 0.5])
    (table, _) = [each[0] for each in rows.values()]
    misses, alarms = (replace(table, predictions=np.full(CASES, name)) for name in ("NEV", "MEL"))
    mixed = {"r0": [misses, alarms], "r1": [misses, alarms]}
    floors = (Floor("sensitivity", "MEL", 0.5), Floor("specificity", "MEL", 0.5))
    assert corrected_choice(mixed, Rule("accuracy", floors), "r0").corrected is None
    assert corrected_choice(mixed, Rule("accuracy", floors, refit=True), "r0").corrected is not None


def test_one_row_was_not_chosen():
    assert corrected_choice(rows_of(np.random.default_rng(1), [0.5]), Rule("accuracy"), "r0") is None


def test_what_a_figure_is_worth_is_told():
    found = CorrectedChoice(20, 0.75, 0.72)
    assert found.sentence == (
        "With 75.00 % it is the best of 20 rows by these same answers, so too high by what chance gave it: by 3.00 "
        "points by a bootstrap of the choice, which leaves 72.00 %."
    )
    assert found.to_json() == {"best_of": 20, "value": 0.75, "corrected": 0.72, "optimism": pytest.approx(0.03)}
