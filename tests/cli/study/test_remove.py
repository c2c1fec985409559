"""``derm study remove``."""

from __future__ import annotations


def test_the_folder_goes_and_the_runs_stay(studied):
    assert "Study made is removed; its runs stay." in studied.derm("study", "remove", "made", "--yes").stdout
    assert not (studied.runs / "studies" / "made").exists()
    assert (studied.runs / "made-0001" / "run.json").is_file()


def test_it_asks_first(studied):
    studied.derm("study", "remove", "made", exit_status=1)
    assert (studied.runs / "studies" / "made").is_dir()
