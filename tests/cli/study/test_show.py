"""``derm study show``."""

from __future__ import annotations

from derm_cli.studies.storage.folder import Studies
from derm_cli.studies.storage.record import RunState


def test_each_training_is_a_line(studied):
    lines = studied.derm("study", "show", "made").stdout.splitlines()
    assert lines[0] == "Study made"
    assert any(line.startswith("second ") and line.endswith("made-0002") for line in lines)
    assert lines[-1] == "2 of 2 trainings finished (2 finished)"


def test_what_did_not_finish_has_its_reason_below(studied):
    folder = Studies(studied.runs).find("made")
    folder.write_states(
        {"0001": RunState("failed", reason="\x1b[2JThe loss is not a number."), "0002": RunState("running")}
    )
    text = studied.derm("study", "show", "made").stdout
    assert "first: \\x1b[2JThe loss is not a number." in text
    assert "second: the process that carried the study out is gone" in text
    assert studied.json("study", "show", "made")["counts"] == {"failed": 1, "interrupted": 1}
