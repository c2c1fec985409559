"""What the benchmarks compare is the same work: small, whole, and never timed here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from benchmarks import packing
from benchmarks.engine import SUMMARY, Case, Contest, _shortfalls, measure
from benchmarks.generated_plugins import write_distribution, write_plugins
from benchmarks.processes import DERM, PYTHON, ROOT, environment, run
from benchmarks.report import Table
from benchmarks.training_task import Job
from derm_cli.plan import Augmentation, Phase

TINY = Case(backbone="mobilenet-v2", weights=None, size=32, epochs=2, per_class=4, side=48, schedule="two-phases")
TWO_PHASES = '''"""A made schedule of two short phases."""

from derm_cli.plugin import Phase, ScheduleSpec, hookimpl


@hookimpl
def derm_schedules():
    """Return the schedule."""
    return [ScheduleSpec(name="two-phases", title="two phases", phases=_phases)]


def _phases(request):
    return tuple(
        Phase(
            name=name,
            blocks=blocks,
            epochs=request.epochs,
            head_rate=request.head_rate,
            block_rate=request.block_rate,
        )
        for name, blocks in (("head", ()), ("head+top", request.blocks[:1]))
    )
'''


def test_made_plugins_are_seen_by_the_installed_command(tmp_path):
    names = write_plugins(tmp_path / "plugins", 50)
    done = subprocess.run(
        [DERM, "plugins", "list", "--json"],
        env=environment([tmp_path / "plugins"]),
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    listed = json.loads(done.stdout)
    assert listed["problems"] == []
    found = {each["name"]: each for each in listed["plugins"]}
    assert all(found[name]["datasets"] == [name] for name in names)
    assert all(found[name]["distribution"] == f"{name} 1.0" for name in names)


def test_a_process_that_fails_says_what_it_printed(tmp_path):
    with pytest.raises(RuntimeError, match=r"ended with 3:\nno luck"):
        run([PYTHON, "-c", "print('no luck'); raise SystemExit(3)"], environment(), tmp_path)


def test_a_process_has_its_own_peak_of_memory(tmp_path):
    """Measured from a small process, as the benchmarks do: this one may hold a training framework."""
    program = (
        "from pathlib import Path\nfrom benchmarks.processes import PYTHON, environment, run\n"
        "for size in (1, 200 << 20):\n"
        f"    print(run([PYTHON, '-c', f\"b'x' * {{size}}\"], environment(), Path({str(tmp_path)!r})).peak_bytes)"
    )
    done = subprocess.run([PYTHON, "-c", program], env=environment([ROOT]), capture_output=True, check=True)
    small, large = map(int, done.stdout.split())
    assert large - small > 150 << 20


def test_no_setting_reaches_what_is_measured(monkeypatch):
    settings = ("DERM_PLUGINS", "PYTHONDONTWRITEBYTECODE", "TF_DETERMINISTIC_OPS", "KERAS_BACKEND", "XLA_FLAGS")
    for name in (*settings, "JAX_COMPILATION_CACHE_DIR"):
        monkeypatch.setenv(name, "1")
    kept = environment([Path("a")], BENCHMARK_TIMELINE="b")
    assert kept["PYTHONPATH"] == "a"
    assert kept["BENCHMARK_TIMELINE"] == "b"
    assert not any(name.startswith(("DERM_", "TF_", "JAX_", "XLA_", "KERAS_BACKEND", "PYTHOND")) for name in kept)


def test_a_job_is_read_as_it_was_written(tmp_path):
    phase = Phase(name="head+a", blocks=("a",), epochs=2, head_rate=0.1, block_rate=0.01)
    job = Job(
        backbone="b",
        weights=None,
        size=32,
        seed=1,
        classes=2,
        per_class=1,
        steps=3,
        augmentation=Augmentation(),
        phases=(phase,),
        train=(("a.jpg", 0), ("b.jpg", 1)),
        test=(("c.jpg", 1),),
        model="m.keras",
    )
    job.write(tmp_path / "job.json")
    assert Job.read(tmp_path / "job.json") == job


def test_both_sides_do_the_same_work_and_end(tmp_path, monkeypatch):
    contests = []
    made = Contest.__init__

    def with_schedule(self, folder, case):
        made(self, folder, case)
        (folder / "plugins" / "two_phases.py").write_text(TWO_PHASES)
        write_distribution(folder / "plugins", "two-phases", "two_phases")
        contests.append(self)

    monkeypatch.setattr(Contest, "__init__", with_schedule)
    report = measure(tmp_path, rounds=1, cases=[TINY])
    figures = report.figures[TINY.backbone]
    derm, plain = figures["derm"][0], figures["plain"][0]
    shown = [[(each["phase"], each["name"], each["images"]) for each in side["epochs"]] for side in (derm, plain)]
    assert shown[0] == shown[1]
    job = Job.read(contests[0].job)
    assert [place for place, _, _ in shown[0]] == [0, 0, 1, 1]
    assert {images for _, _, images in shown[0]} == {job.steps * job.classes * job.per_class}
    assert set(job.train).isdisjoint(job.test)
    for side in (derm, plain):
        assert side["started"] < side["stage_began"] < side["first_step"] < side["started"] + side["seconds"]
        assert side["peak_bytes"] > 100 << 20
    assert Path(job.model).is_file()
    summary, by_phase, accounts = report.tables
    assert [row[0] for row in summary.rows] == [figure.name for figure in SUMMARY]
    assert [row[0] for row in by_phase.rows] == ["head", "head+top"]
    assert not any("not seen" in row for row in (*summary.rows, *by_phase.rows))
    assert {"building", "compiling", "stepping"} < {row[0] for row in accounts.rows}
    assert sum(derm["accounts"].values()) < derm["seconds"]
    assert "made (synthetic) photographs" in report.text()


def test_it_is_said_where_derm_is_not_better():
    rows = [["whole run, s", "", "", "1.40 (1.30..1.50)"], ["head", "", "", "0.90 (0.80..1.00)"], ["a", "", "", ""]]
    said = _shortfalls(TINY, [Table("a case", ["", "derm", "plain Keras", "ratio"], rows)])
    assert said == [
        "MISSED: mobilenet-v2, whole run, s: 1.40, to be 1.5 at least.",
        "Derm is not better: mobilenet-v2, head: 0.90.",
    ]


def test_packing_is_compared_with_a_plain_loop_on_the_same_files(tmp_path):
    report = packing.measure(tmp_path, rounds=2, cases=(packing.Case("tiny", side=48, per_class=1),))
    seconds = report.figures["tiny"]["seconds"]
    assert list(seconds) == [row[0] for row in report.tables[0].rows] == list(packing._Contest.NAMES)
    assert all(len(each) == 2 for each in seconds.values())
    assert "6 made (synthetic) photographs of 48x48, tiny" in report.text()
