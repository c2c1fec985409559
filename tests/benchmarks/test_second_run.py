"""What a second run finds done: small, whole, and never timed here; the benchmark checks that it was found."""

from __future__ import annotations

import pytest

from benchmarks import second_run
from benchmarks.engine import Case

TINY = Case(backbone="tiny", weights=None, size=32, epochs=2, per_class=8, side=48, schedule="linear-probe")


def test_a_second_run_decodes_nothing_and_its_first_step_is_seen(tmp_path, tiny_in_derm, monkeypatch):
    monkeypatch.setattr(second_run, "warm_up_libraries", lambda _: None)
    report = second_run.measure(tmp_path, rounds=1, cases=[TINY])
    (table,) = report.tables
    assert [row[0] for row in table.rows] == [each.name for each in second_run.SUMMARY]
    assert not any("not seen" in row for row in table.rows)
    (results,) = report.results.values()
    for (each,) in results.values():
        assert each["started"] < each["stage_began"] < each["first_step"] < each["started"] + each["seconds"]
    assert f"{TINY.backbone}, second run, network built to first step, s: " in report.notes[-1]


def test_a_second_run_that_decodes_again_is_no_second_run(tmp_path, monkeypatch):
    before_and_after = iter([{"a.npy": 1}, {"a.npy": 2}])
    monkeypatch.setattr(second_run, "_packs", lambda _: next(before_and_after))
    monkeypatch.setattr(second_run.Derm, "train", lambda *_, **__: None)
    monkeypatch.setattr(second_run, "draw_dataset", lambda *_: "made")
    _, second = second_run._sides(tmp_path, TINY)
    with pytest.raises(AssertionError, match="decoded"):
        second()
