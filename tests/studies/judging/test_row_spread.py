"""How a metric of a row differs between its trainings."""

from __future__ import annotations

from statistics import stdev

import pytest

from derm_cli.studies.asking.spec import StudyRow, StudySpec
from derm_cli.studies.judging.row_spread import RowSpread, deviations, deviations_text


def test_a_seed_is_the_mean_of_its_folds_and_a_fold_that_over_the_seeds():
    values = {(0, 1): 0.2, (0, 2): 0.6, (1, 1): 0.3, (1, 2): 0.7, (2, 1): 0.4, (2, 2): 0.8}
    spread = RowSpread.of(values)
    assert spread.seeds.sd == pytest.approx(stdev([0.4, 0.5, 0.6]))
    assert spread.folds.sd == pytest.approx(stdev([0.3, 0.7]))
    assert spread.trainings.sd == pytest.approx(stdev(values.values()))
    assert [each.mean for each in (spread.seeds, spread.folds, spread.trainings)] == [pytest.approx(0.5)] * 3
    assert [each.models for each in (spread.seeds, spread.folds, spread.trainings)] == [3, 2, 6]


@pytest.mark.parametrize(
    ("values", "seeds", "folds"),
    [
        ({(0, 0): 0.5}, None, None),
        ({(0, 0): 0.5, (1, 0): 0.7}, stdev([0.5, 0.7]), None),
        ({(0, 1): 0.5, (0, 2): 0.7}, None, stdev([0.5, 0.7])),
        ({(0, 1): 0.5, (0, 2): None, (1, 1): 0.7, (1, 2): 0.8}, stdev([0.5, 0.75]), stdev([0.6, 0.8])),
        ({}, None, None),
    ],
)
def test_what_is_of_one_alone_has_no_standard_deviation_and_what_is_not_known_is_left_out(values, seeds, folds):
    spread = RowSpread.of(values)
    assert (spread.seeds.sd, spread.folds.sd) == (pytest.approx(seeds), pytest.approx(folds))


ALONE = "of chance in training alone, for all seeds have"
FOLDS = "of who is learnt from and who is tested on, beside chance in training."


@pytest.mark.parametrize(
    ("seeds", "folds", "own", "text"),
    [
        ((0,), 0, False, ""),
        ((0, 1), 0, False, f"The standard deviation between seeds is {ALONE} one split."),
        ((0,), 2, False, f"The standard deviation between folds is {FOLDS}"),
        (
            (0, 1),
            2,
            False,
            f"The standard deviation between seeds (each the mean of its folds) is {ALONE} the same folds. The "
            f"standard deviation between folds (each the mean over the seeds) is {FOLDS}",
        ),
        (
            (0, 1),
            0,
            True,
            "The standard deviation between seeds is of the split and of chance in training together, for each seed "
            "has a split of its own.",
        ),
    ],
)
def test_what_a_standard_deviation_is_of_is_said(seeds, folds, own, text):
    spec = StudySpec("s", (StudyRow("a", {}),), seeds=seeds, folds=folds)
    assert deviations_text(spec, has_splits_of_seeds=own) == text
    assert len(deviations(spec)) == (len(seeds) > 1) + (folds > 0)
