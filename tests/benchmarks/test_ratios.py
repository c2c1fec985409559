"""The arithmetic of what ``make bench`` prints, and how it prints it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.generated_plugins import write_plugins
from benchmarks.ratios import Spread, in_turns, ratio
from benchmarks.report import Report, Table
from benchmarks.startup import _table
from benchmarks.timeline import FILE, Epoch, Timeline


def test_a_spread_is_the_least_the_middle_and_the_greatest():
    spread = Spread.of([4.0, 1.0, 2.0])
    assert spread == Spread(1.0, 2.0, 4.0)
    assert spread.text() == "2.00 (1.00..4.00)"
    assert spread.text(0) == "2 (1..4)"


def test_a_ratio_is_taken_round_by_round():
    # A machine that becomes ten times slower in the second round changes nothing.
    assert ratio([3.0, 30.0], [2.0, 20.0]) == Spread(1.5, 1.5, 1.5)
    with pytest.raises(ValueError, match="longer"):
        ratio([1.0], [1.0, 2.0])


def test_both_sides_take_turns():
    called = []
    gathered = in_turns(3, [lambda: called.append("a"), lambda: called.append("b")])
    assert "".join(called) == "ababab"
    assert gathered == [[None] * 3, [None] * 3]


def test_a_timeline_tells_steady_rates_from_what_first_epochs_lose(tmp_path, monkeypatch):
    epochs = [Epoch(0, "head", 60, 6.0), Epoch(0, "head", 60, 8.0), Epoch(0, "head", 60, 10.0)]
    epochs += [Epoch(1, "head+a", 60, 19.0), Epoch(1, "head+a", 60, 22.0), Epoch(1, "head+a", 60, 25.0)]
    timeline = Timeline(1.0, 2.0, epochs)
    assert timeline.phases == ["head", "head+a"]
    assert timeline.images == 360
    assert (timeline.seconds(0), timeline.seconds(1)) == ([5.0, 2.0, 2.0], [9.0, 3.0, 3.0])
    assert (timeline.rate(0), timeline.rate(1)) == (30.0, 20.0)
    assert timeline.lost == 3.0 + 6.0
    monkeypatch.setenv(FILE, str(tmp_path / "timeline.json"))
    timeline.write()
    assert Timeline.read(tmp_path / "timeline.json") == timeline


def test_the_first_step_is_noted_once():
    timeline = Timeline()
    timeline.stepped()
    first = timeline.first_step
    timeline.stepped()
    assert timeline.first_step == first is not None


def test_the_startup_table_says_where_a_target_is_missed():
    seconds = {("the least", 0): [0.1, 0.1], ("derm --help", 0): [0.16, 0.16], ("derm --help", 50): [0.2, 0.2]}
    rows = _table(seconds, 2).rows
    assert [row[-1] for row in rows] == ["", "NO", "yes"]
    assert [row[3] for row in rows] == ["1", "1.60 (1.60..1.60)", "2.00 (2.00..2.00)"]


def test_a_report_prints_tables_then_notes():
    report = Report([Table("One", ["name", "n"], [["a", 1]])], ["A note."])
    assert report.text() == "One\n\nname  n\n----  -\na     1\n\nA note."


def test_the_command_lists_runs_one_and_writes_json(tmp_path, monkeypatch):
    def measure(folder, rounds):
        assert folder.is_dir()
        return Report([Table(f"{rounds} rounds", ["n"], [[7]])], figures={"n": 7})

    monkeypatch.setitem(BENCHMARKS, "startup", ("a stand-in", measure, 20))
    listed = CliRunner().invoke(main, ["--list"])
    assert all(name in listed.stdout for name in BENCHMARKS)
    file = tmp_path / "figures.json"
    done = CliRunner().invoke(main, ["--only", "startup", "--rounds", "2", "--json", str(file)])
    assert done.exit_code == 0, done.output
    assert "2 rounds" in done.stdout
    assert "processor" in done.stdout
    figures = json.loads(file.read_text())
    assert figures["startup"] == {"n": 7}
    assert figures["machine"]["cores"].isdigit()


def test_made_plugins_have_a_name_each(tmp_path):
    assert len(set(write_plugins(tmp_path, 50))) == 50
