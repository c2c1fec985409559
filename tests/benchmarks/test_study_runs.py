"""The ways of carrying a study out are set beside each other; derm is played by a script that trains nothing."""

from __future__ import annotations

import sys

import pytest

from benchmarks import study_runs
from benchmarks.study_runs import ALONE, KILLED, LOCAL, OTHER_BITS, WAYS, Case, measure

SCRIPT = """#!{python}
import hashlib, json, os, pathlib, sys, time
runs = pathlib.Path(os.environ["DERM_RUNS"])
folder = runs / "studies" / "paper-table-4"
folder.mkdir(parents=True, exist_ok=True)
asked = [dict(row=row, seed=0, fold=0) for row in "ab"]
(folder / "study.json").write_text(json.dumps(dict(runs=asked)))
done = dict()
for number, each in enumerate(asked, start=1):
    run = runs / ("run-" + each["row"])
    run.mkdir(exist_ok=True)
    bits = each["row"] + ("{other}" if "2" in sys.argv[sys.argv.index("--cores"):][1:2] else "")
    (run / "run.json").write_text(json.dumps(dict(files=dict([("predictions.csv", bits)]))))
    done[f"{{number:04d}}"] = dict(status="finished", run=run.name)
    rest = {{f"{{later:04d}}": dict(status="waiting") for later in range(number + 1, 3)}}
    (folder / "new.json").write_text(json.dumps(done | rest))
    (folder / "new.json").rename(folder / "state.json")
    time.sleep({seconds})
"""


@pytest.fixture
def play(tmp_path, monkeypatch):
    def played(*cases, other="", seconds=0.0):
        script = tmp_path / "derm"
        text = SCRIPT.format(python=sys.executable, other=other, seconds=seconds)
        # 'resume' has no cores of its own.
        script.write_text(
            text.replace('sys.argv.index("--cores")', 'sys.argv.index("--cores") if "--cores" in sys.argv else -1')
        )
        script.chmod(0o755)
        monkeypatch.setattr(study_runs, "DERM", str(script))
        return measure(tmp_path, 1, cases or (Case(images=60),))

    return played


def test_each_way_has_its_seconds_and_whether_it_gave_the_same_bits(play):
    report = play(seconds=0.6)
    (table,) = report.tables
    assert [row[0] for row in table.rows] == list(WAYS)
    assert [row[4] for row in table.rows] == ["yes"] * (len(WAYS) - 1) + ["not asked: other cores"]
    assert report.notes == []
    assert report.results["cases"][0]["answers"][KILLED] == {"a, 0, 0": "a", "b, 0, 0": "b"}


def test_each_case_has_a_table_of_its_ways(play):
    report = play(Case(images=60, ways=(LOCAL, ALONE)), Case(images=90, schedule="full", ways=(LOCAL,)))
    assert [[row[0] for row in table.rows] for table in report.tables] == [[LOCAL, ALONE], [LOCAL]]
    assert [("linear-probe" in table.title, "full" in table.title) for table in report.tables] == [
        (True, False),
        (False, True),
    ]


def test_other_bits_are_told(play, monkeypatch):
    monkeypatch.setattr(study_runs, "WAYS", {LOCAL: WAYS[LOCAL], "another": WAYS[OTHER_BITS]})
    case = Case(images=60, ways=(LOCAL, "another"))
    assert play(case, other="!").notes == ["WRONG: 'another' gave other answers."]


def test_a_study_that_ends_before_it_is_killed_is_no_measurement(play):
    with pytest.raises(RuntimeError, match="ended before it could be killed"):
        play(Case(images=60, ways=(KILLED,)))
