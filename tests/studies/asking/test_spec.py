"""A study as it is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.errors import RequestError
from derm_cli.studies.asking.spec import StudyRow, StudySpec, study_runs
from tests.support.studies import MadeOptions

ROWS = (StudyRow("a", {"chain": "clinic"}), StudyRow("b", {"chain": "edra,clinic"}))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "../up"}, "A study cannot be called '../up': give it letters"),
        ({"name": ""}, "A study cannot be called ''"),
        ({"rows": ()}, "Study 's' has no row: give options to vary under"),
        ({"rows": (*ROWS, ROWS[0])}, "Two rows of study 's' are called 'a': give each a name"),
        ({"reference": "A"}, "The reference of study 's' is 'A', which is no row. Did you mean 'a'?"),
        ({"seeds": (0, 1, 0)}, "The seed '0' stands twice in study 's': name each once."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_value_and_a_remedy(given, sentence):
    with pytest.raises(RequestError) as refused:
        StudySpec(**{"name": "s", "rows": ROWS, **given})
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("seeds", "folds", "expected"),
    [
        ((0,), 0, [(0, 0)]),
        ((0, 7), 0, [(0, 0), (7, 0)]),
        ((0, 7), 2, [(0, 1), (0, 2), (7, 1), (7, 2)]),
    ],
)
def test_a_row_is_trained_for_each_seed_and_fold(seeds, folds, expected):
    spec = StudySpec("s", ROWS, seeds=seeds, folds=folds)
    runs = study_runs(spec, MadeOptions())
    of_a = [run for run in runs if run.row == "a"]
    assert [(run.seed, run.fold) for run in of_a] == expected
    asked = [(run.request.seed, run.request.splitting.folds, run.request.splitting.fold) for run in of_a]
    assert asked == [(seed, folds, fold) for seed, fold in expected]
    assert [run.key for run in runs] == [f"{number:04d}" for number in range(1, len(runs) + 1)]


@pytest.mark.parametrize(
    ("seeds", "options", "split_seeds"),
    [
        ((0,), {}, [None]),
        ((0, 1, 2), {}, [None, 0, 0]),
        ((4, 0), {}, [None, 4]),
        ((4, 0), {"split-seed": 0}, [0, None]),
        ((4, 0), {"split-seed": 4}, [None, 4]),
        ((4, 0), {"split-seed": 7}, [7, 7]),
    ],
)
@pytest.mark.parametrize("folds", [0, 2])
def test_all_seeds_of_a_row_have_the_split_of_the_first_unless_it_says_another(seeds, options, split_seeds, folds):
    row = StudyRow("a", {"chain": "clinic", **options})
    runs = study_runs(StudySpec("s", (row,), seeds=seeds, folds=folds), MadeOptions())
    asked = dict.fromkeys((run.seed, run.request.splitting.split_seed) for run in runs)
    assert list(asked) == list(zip(seeds, split_seeds, strict=True))


def test_a_row_over_folds_asks_for_what_a_cross_validation_of_it_asks_for():
    """So each takes the runs of the other: 'derm train --folds' is a study of one row."""
    options = MadeOptions()
    asked = options.request(ROWS[0].options)
    folded = replace(asked, splitting=replace(asked.splitting, folds=3))
    runs = study_runs(StudySpec("s", ROWS[:1], folds=3), options)
    assert [run.request for run in runs] == [folded.with_fold(fold) for fold in (1, 2, 3)]


def test_the_reference_is_trained_first_and_is_the_first_row_by_default():
    assert StudySpec("s", ROWS).reference == "a"
    runs = study_runs(StudySpec("s", ROWS, reference="b"), MadeOptions())
    assert [run.row for run in runs] == ["b", "a"]


def test_a_row_that_cannot_be_meant_is_named():
    spec = StudySpec("s", (StudyRow("twice", {"chain": "edra,edra"}),))
    with pytest.raises(RequestError, match="Row 'twice' of study 's' cannot be trained: Dataset 'edra' stands twice"):
        study_runs(spec, MadeOptions())
