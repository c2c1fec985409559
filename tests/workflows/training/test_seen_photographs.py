"""What a run has seen, another must not be judged by."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from derm_cli.csv_cells import read_frame
from derm_cli.errors import DermError
from derm_cli.runs.runs import Runs
from derm_cli.workflows.training.seen_photographs import refuse_seen_by_sources, warn_of_tested_elsewhere
from tests.support.member_runs import WITHOUT_TEST, make_member
from tests.support.run_folders import PLAN


def split_of(run):
    return read_frame(run / "split.csv")


def test_a_run_that_keeps_nobody_warns_of_what_others_are_tested_on(tmp_path, caplog):
    for name, tested in (("1", "ef"), ("2", "f"), ("3", "abc"), ("4", "d")):
        make_member(tmp_path / "runs", name, tested=tested)
    last = make_member(tmp_path, "last", WITHOUT_TEST, tested="", known="abcdf", validated="d")
    warn_of_tested_elsewhere(Runs(tmp_path / "runs"), split_of(last))
    assert "1 of run '4', 3 of run '3', 1 of run '2' and more of 1 other runs. It has seen them" in caplog.text


def test_nothing_is_said_where_nobody_is_tested_on_them_and_of_what_cannot_be_read(tmp_path, caplog):
    make_member(tmp_path / "runs", "1", tested="ef")
    make_member(tmp_path / "runs", "2", WITHOUT_TEST, tested="")
    damaged = make_member(tmp_path / "runs", "3", tested="ab")
    (damaged / "split.csv").write_text("x")
    running = make_member(tmp_path / "runs", "4", tested="ab")
    running.write(replace(running.record, status="failed"))
    last = make_member(tmp_path, "last", WITHOUT_TEST, tested="", known="abcd")
    warn_of_tested_elsewhere(Runs(tmp_path / "runs"), split_of(last))
    assert caplog.text == ""


@pytest.fixture
def begun(tmp_path):
    """Hold the split of a run that is tested on e and f against the run that it begins with."""
    split = split_of(make_member(tmp_path, "new"))
    session = SimpleNamespace(runs=Runs(tmp_path / "runs"))

    def refuse(source):
        refuse_seen_by_sources(session, SimpleNamespace(plan=PLAN, source_run=source, teacher=None), split)

    return refuse


@pytest.mark.parametrize(("tested", "validated", "seen"), [("ab", "", 2), ("abe", "", 1), ("ab", "ef", 2)])
def test_weights_that_have_seen_what_is_tested_on_are_refused(tmp_path, begun, tested, validated, seen):
    source = make_member(tmp_path / "runs", "1", tested=tested, validated=validated)
    case = "f" if seen == 1 else "e"
    with pytest.raises(DermError, match=f"Run '1', .* learnt from {seen} of the 2 .* such as '{case}'.*--test-share 0"):
        begun(source)


def test_a_teacher_that_has_seen_what_is_tested_on_is_refused(tmp_path):
    split = split_of(make_member(tmp_path, "new"))
    session = SimpleNamespace(runs=Runs(tmp_path / "runs"))
    teacher = make_member(tmp_path / "runs", "1", WITHOUT_TEST, tested="")
    with pytest.raises(DermError, match="Run '1', the teacher, has learnt from 2 of the 2 photographs"):
        refuse_seen_by_sources(session, SimpleNamespace(plan=PLAN, source_run=None, teacher=teacher), split)
    same = make_member(tmp_path / "runs", "2", tested="ef")
    refuse_seen_by_sources(session, SimpleNamespace(plan=PLAN, source_run=None, teacher=same), split)


def test_weights_of_the_same_split_are_not_nor_those_of_no_run(tmp_path, begun):
    begun(make_member(tmp_path / "runs", "1", tested="ef"))
    begun(None)


def test_what_the_run_itself_began_with_counts_too_as_long_as_it_is_there(tmp_path, begun):
    make_member(tmp_path / "runs", "1", WITHOUT_TEST, tested="")
    second = make_member(tmp_path / "runs", "2", replace(PLAN, weights="run:1"), tested="ef")
    with pytest.raises(DermError, match="Run '1', whose weights the chain begins with"):
        begun(second)
    begun(make_member(tmp_path / "runs", "3", replace(PLAN, weights="run:gone"), tested="ef"))
