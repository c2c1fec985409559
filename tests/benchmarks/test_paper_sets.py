"""Stand-ins for the paper's datasets have its layouts and numbers."""

from __future__ import annotations

import pytest

from benchmarks import paper_sets
from derm_cli.config import load
from derm_cli.data.locating import locate
from derm_cli.data.records import read_records
from derm_cli.plugin.registry import Registry


@pytest.mark.parametrize("name", paper_sets.PAPER_SETS)
def test_stand_ins_are_read_as_the_papers_sets(tmp_path, name):
    count = paper_sets.write_sets([name], tmp_path, images=60, side=16)
    records = read_records(locate(name, load({"data": str(tmp_path)}, {}), Registry()))
    assert len(records.frame) == count
    assert set(records.frame["label"]) == {each.name for each in records.classes}
    assert len(records.dropped) == 0


def test_stand_ins_have_the_papers_numbers_and_so_its_steps():
    totals = {name: sum(each.counts.values()) for name, each in paper_sets.PAPER_SETS.items()}
    assert totals == {"edra": 1011, "dermofit": 1300, "dermai": 3430}
    classes = {name: len(each.counts) for name, each in paper_sets.PAPER_SETS.items()}
    assert classes == {"edra": 5, "dermofit": 10, "dermai": 13}
