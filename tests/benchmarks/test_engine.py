"""Derm and the plain script do the same work: small, whole, and never timed here."""

from __future__ import annotations

from pathlib import Path

from benchmarks.engine import SUMMARY, Case, Comparison, _shortfalls, measure
from benchmarks.generated_plugins import write_distribution
from benchmarks.report import Table
from benchmarks.training_task import TrainingTask

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


def test_both_sides_do_the_same_work_and_end(tmp_path, monkeypatch):
    comparisons = []
    initialise = Comparison.__init__

    def with_schedule(self, folder, case):
        initialise(self, folder, case)
        (folder / "plugins" / "two_phases.py").write_text(TWO_PHASES)
        write_distribution(folder / "plugins", "two-phases", "two_phases")
        comparisons.append(self)

    monkeypatch.setattr(Comparison, "__init__", with_schedule)
    report = measure(tmp_path, rounds=1, cases=[TINY])
    results = report.results[TINY.backbone]
    derm, plain = results["derm"][0], results["plain"][0]
    shown = [[(each["phase"], each["name"], each["images"]) for each in side["epochs"]] for side in (derm, plain)]
    assert shown[0] == shown[1]
    task = TrainingTask.read(comparisons[0].task)
    assert [phase for phase, _, _ in shown[0]] == [0, 0, 1, 1]
    assert {images for _, _, images in shown[0]} == {task.steps * task.classes * task.per_class}
    assert set(task.train).isdisjoint(task.test)
    for side in (derm, plain):
        assert side["started"] < side["stage_began"] < side["first_step"] < side["started"] + side["seconds"]
        assert side["peak_bytes"] > 100 << 20
    assert Path(task.model).is_file()
    summary, by_phase, accounts = report.tables
    assert [row[0] for row in summary.rows] == [each.name for each in SUMMARY]
    assert [row[0] for row in by_phase.rows] == ["head", "head+top"]
    assert not any("not seen" in row for row in (*summary.rows, *by_phase.rows))
    assert {"building", "compiling", "stepping"} < {row[0] for row in accounts.rows}
    assert sum(derm["accounts"].values()) < derm["seconds"]
    assert "synthetic photographs" in report.text()


def test_it_is_said_where_derm_is_not_better():
    rows = [["whole run, s", "", "", "1.40 (1.30..1.50)"], ["head", "", "", "0.90 (0.80..1.00)"], ["a", "", "", ""]]
    notes = _shortfalls(TINY, [Table("a case", ["", "derm", "plain Keras", "ratio"], rows)])
    assert notes == [
        "MISSED: mobilenet-v2, whole run, s: 1.40, to be 1.5 at least.",
        "Derm is not better: mobilenet-v2, head: 0.90.",
    ]
