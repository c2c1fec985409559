"""Options of Python as a command line has them."""

from __future__ import annotations

from benchmarks.training import command_line


def test_options_are_written_as_on_a_command_line():
    written = command_line({"backbone": "b", "per_class": 2, "no_store": True})
    assert written == ["--backbone", "b", "--per-class", "2", "--no-store"]
