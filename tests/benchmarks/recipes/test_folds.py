"""The folds are derm's own: each photograph is tested once, and no group is in two folds."""

from __future__ import annotations

import numpy as np

from benchmarks.recipes.folds import FoldTable, derm_folds
from tests.support.trees import make_pad


def test_a_table_is_read_as_it_was_written(tmp_path, table):
    table.write(tmp_path / "new" / "folds.csv")
    again = FoldTable.read(tmp_path / "new" / "folds.csv")
    assert all(np.array_equal(getattr(again, name), values) for name, values in vars(table).items())
    assert table.classes == ("BCC", "MEL", "NEV")
    assert table.class_indices[:6].tolist() == [0, 0, 1, 1, 2, 2]


def test_derms_folds_test_each_photograph_once_and_keep_groups_together(tmp_path):
    make_pad(tmp_path / "pad-ufes-20", per_class=8, size=40)
    tables = [
        derm_folds(tmp_path, tmp_path / "cache", "pad-ufes-20", folds=2, seed=seed, size=32) for seed in (0, 0, 1)
    ]
    first, again, other = tables
    assert len(set(first.case_ids.tolist())) == len(first.case_ids) == 48
    assert {(tmp_path / "pad-ufes-20" / file).is_file() for file in first.files.tolist()} == {True}
    assert len({*zip(first.groups.tolist(), first.folds.tolist(), strict=True)}) == len(set(first.groups.tolist()))
    assert [set(first.labels[first.is_test(fold)].tolist()) for fold in (1, 2)] == [set(first.classes)] * 2
    assert np.array_equal(first.folds, again.folds)
    assert set(first.case_ids[first.is_test(1)]) != set(other.case_ids[other.is_test(1)])
