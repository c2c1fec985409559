"""Options of Python as a command line has them."""

from __future__ import annotations

from benchmarks.processes import Outcome
from benchmarks.timeline import Timeline
from benchmarks.training import Training, command_line


def test_options_are_written_as_on_a_command_line():
    written = command_line({"backbone": "b", "per_class": 2, "no_store": True})
    assert written == ["--backbone", "b", "--per-class", "2", "--no-store"]


def test_a_history_is_read_as_it_was_before_it_was_written(tmp_path):
    (tmp_path / "history.csv").write_text("stage_name,loss\n'=1+1,-0.5\n", encoding="utf-8")
    training = Training(Outcome(0.0, 1.0, 1), Timeline(), tmp_path)
    assert training.history == [{"stage_name": "=1+1", "loss": "-0.5"}]
