"""Ledgers are whole, and two runs never decide against each other."""

import pandas as pd
import pytest

from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.errors import DermError
from derm_cli.files import leftovers
from derm_cli.runs.runs import Runs

EMPTY = pd.DataFrame(columns=["sha256", "case_id", "part"], dtype=str)
PARTS = ("rest", "test")


def table(*rows):
    return pd.DataFrame(rows, columns=list(EMPTY.columns))


def written(runs, name, *rows):
    ledgers = SplitLedgers(runs)
    ledgers.read(name, EMPTY, PARTS)
    ledgers.put(name, table(*rows))
    assert ledgers.write()
    return ledgers.path(name)


def test_what_is_kept_is_read_again_as_text(tmp_path):
    path = written(tmp_path / "runs", "clinic-seed0-test0.2", ("01", "007", "test"), ("02", "NA", "rest"))
    assert path.name == "clinic-seed0-test0.2.csv"
    found = SplitLedgers(tmp_path / "runs").read("clinic-seed0-test0.2", EMPTY, PARTS)
    assert found.to_numpy().tolist() == [["01", "007", "test"], ["02", "NA", "rest"]]
    assert not leftovers(tmp_path)


def test_cases_that_are_formulas_are_written_as_text_and_read_back(tmp_path):
    rows = [[str(number), case, "test"] for number, case in enumerate(("=1+1", "@x", "+A1", "-A1+2", "'=1", "a\rb"))]
    path = written(tmp_path, "a", *rows)
    assert [line.split(",")[1][:2] for line in path.read_text("utf-8").splitlines()[1:6]] == [
        *("'=", "'@", "'+", "'-", "''")
    ]
    assert SplitLedgers(tmp_path).read("a", EMPTY, PARTS).to_numpy().tolist() == rows


def test_nothing_is_written_before_it_is_kept(tmp_path):
    ledgers = SplitLedgers(tmp_path / "runs")
    assert ledgers.read("a", EMPTY, PARTS) is EMPTY
    ledgers.put("a", table(("1", "a", "test")))
    assert not (tmp_path / "runs").exists()
    assert SplitLedgers(tmp_path / "runs").write()
    assert not (tmp_path / "runs").exists()


def test_of_two_runs_the_second_decides_again(tmp_path):
    first, second = SplitLedgers(tmp_path), SplitLedgers(tmp_path)
    for each, part in ((first, "test"), (second, "rest")):
        each.read("a", EMPTY, PARTS)
        each.read("b", EMPTY, PARTS)
        each.put("a", table(("1", "a", part)))
        each.put("b", table(("1", "a", part)))
    assert second.write()
    assert not first.write()
    for name in "ab":
        assert SplitLedgers(tmp_path).read(name, EMPTY, PARTS)["part"].tolist() == ["rest"]


def test_the_folder_is_no_run(tmp_path):
    written(tmp_path, "a", ("1", "a", "test"))
    assert Runs(tmp_path).all() == []
    with pytest.raises(DermError, match="There is no run 'splits'"):
        Runs(tmp_path).find("splits")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"sha256,case_id\n1,a\n", b"sha256,case_id,part\n1,a\n", b"sha256,case_id,part\n1,a,tset\n"],
)
def test_a_damaged_ledger_is_refused(tmp_path, content):
    path = written(tmp_path, "a", ("1", "a", "test"))
    path.write_bytes(content)
    with pytest.raises(DermError, match=r"a\.csv', which has the split of earlier runs, is damaged: put back"):
        SplitLedgers(tmp_path).read("a", EMPTY, PARTS)


@pytest.mark.parametrize("name", ["a/b", "../a", ".a", "ä", "a b"])
def test_every_name_has_a_file_of_its_own_inside(tmp_path, name):
    path = written(tmp_path, name, ("1", "a", "test"))
    assert path.parent == tmp_path / "splits"
    others = {SplitLedgers(tmp_path).path(each) for each in ("a/b", "../a", ".a", "ä", "a b", "a_b", "_a", ".._a")}
    assert len(others) == 8


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "splits").write_text("no folder")
    ledgers = SplitLedgers(tmp_path)
    ledgers.put("a", table(("1", "a", "test")))
    with pytest.raises(DermError, match="The split cannot be kept in"):
        ledgers.write()
