"""``derm study resume``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.studies import studying
from derm_cli.studies.storage.folder import Studies
from derm_cli.studies.storage.record import RunState
from derm_executors import local


def test_a_study_is_gone_on_with_by_its_name(studied, monkeypatch):
    names = []

    def carry_out(session, folder, tell, options):
        names.append((folder.name, options))
        return {key: RunState("finished", "r") for key in ("0001", "0002")}

    monkeypatch.setattr(studying, "carry_out", carry_out)
    assert "2 of 2 trainings finished" in studied.derm("study", "resume", "made").stdout
    assert names == [("made", {})]


@pytest.mark.parametrize(
    ("cores", "asked", "expected", "warned"),
    [
        (4, (), (1, 2), ""),
        # As under 'taskset -c 0'.
        (
            1,
            ("--cores", "1"),
            (1, 1),
            "goes on with 1 core for each training in place of 2: what is not finished may not",
        ),
        (4, ("--workers", "2"), (2, 2), ""),
        (8, ("--workers", "2", "--cores", "4"), (2, 4), "goes on with 4 cores for each training in place of 2"),
    ],
)
def test_a_study_goes_on_with_other_workers_and_cores(studied, monkeypatch, cores, asked, expected, warned):
    carried_out = []

    def carry_out(session, folder, tell, options):
        carried_out.append((folder.record.workers, folder.record.cores))
        return {}

    folder = Studies(studied.runs).find("made")
    folder.write_record(replace(folder.record, workers=1, cores=2))
    monkeypatch.setattr(studying, "carry_out", carry_out)
    monkeypatch.setattr(local, "usable_cores", lambda: list(range(cores)))
    said = " ".join(studied.derm("study", "resume", "made", *asked).stderr.split())
    assert warned in said
    assert ("bits that it would have had" in said) == bool(warned)
    assert carried_out == [expected]
    record = folder.record
    assert (record.workers, record.cores) == expected


def test_more_than_there_is_is_refused_and_nothing_is_changed(studied, monkeypatch):
    monkeypatch.setattr(local, "usable_cores", lambda: [0])
    folder = Studies(studied.runs).find("made")
    before = folder.record
    said = studied.refused("study", "resume", "made", "--cores", "2", exit_status=2)
    assert "give fewer, as in --workers 1 --cores 1." in said
    assert folder.record == before


def test_a_study_that_runs_is_not_changed(studied, monkeypatch):
    monkeypatch.setattr(studying, "PATIENCE", 0)
    folder = Studies(studied.runs).find("made")
    monkeypatch.setattr(local, "usable_cores", lambda: [0, 1])
    with folder.held():
        assert "is being carried out" in studied.refused("study", "resume", "made", "--cores", "2")
    assert folder.record.cores == 1


def test_one_that_there_is_not_is_told_of(studied):
    assert "There is no study 'mad' in" in studied.refused("study", "resume", "mad", exit_status=2)
