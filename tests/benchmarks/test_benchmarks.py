"""``python -m benchmarks``: the command."""

from __future__ import annotations

import json

from click.testing import CliRunner

from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.report import Report, Table


def test_the_command_lists_runs_one_and_writes_json(tmp_path, monkeypatch):
    def measure(folder, rounds):
        assert folder.is_dir()
        return Report([Table(f"{rounds} rounds", ["n"], [[7]])], results={"n": 7})

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
