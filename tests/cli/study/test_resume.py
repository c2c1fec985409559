"""``derm study resume``."""

from __future__ import annotations

from derm_cli.studies import studying
from derm_cli.studies.storage.record import RunState


def test_a_study_is_gone_on_with_by_its_name(studied, monkeypatch):
    names = []

    def carry_out(session, folder, tell, options):
        names.append((folder.name, options))
        return {key: RunState("finished", "r") for key in ("0001", "0002")}

    monkeypatch.setattr(studying, "carry_out", carry_out)
    assert "2 of 2 trainings finished" in studied.derm("study", "resume", "made").stdout
    assert names == [("made", {})]


def test_one_that_there_is_not_is_told_of(studied):
    assert "There is no study 'mad' in" in studied.refused("study", "resume", "mad", exit_status=2)
