"""What later runs find done: small, whole, and never timed here; each benchmark checks that it was found."""

from __future__ import annotations

import pytest

from benchmarks import features, second_run, stages
from benchmarks.engine import Case
from benchmarks.training import command_line

TINY = Case(backbone="mobilenet-v2", weights=None, size=32, epochs=2, per_class=8, side=48, schedule="linear-probe")


def test_options_are_written_as_on_a_command_line():
    written = command_line({"backbone": "b", "per_class": 2, "no_store": True})
    assert written == ["--backbone", "b", "--per-class", "2", "--no-store"]


def test_a_second_run_decodes_nothing_and_its_first_step_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(second_run, "load_libraries", lambda _: None)
    report = second_run.measure(tmp_path, rounds=1, cases=[TINY])
    (table,) = report.tables
    assert [row[0] for row in table.rows] == [figure.name for figure in second_run.SUMMARY]
    assert not any("not seen" in row for row in table.rows)
    (figures,) = report.figures.values()
    for (each,) in figures.values():
        assert each["started"] < each["stage_began"] < each["first_step"] < each["started"] + each["seconds"]
    assert f"{TINY.backbone}, second run, network built to first step, s: " in report.notes[-1]


def test_a_second_run_that_decodes_again_is_no_second_run(tmp_path, monkeypatch):
    before_and_after = iter([{"a.npy": 1}, {"a.npy": 2}])
    monkeypatch.setattr(second_run, "_packs", lambda _: next(before_and_after))
    monkeypatch.setattr(second_run.Derm, "train", lambda *_, **__: None)
    monkeypatch.setattr(second_run, "draw", lambda *_: "made")
    _, second = second_run._sides(tmp_path, TINY)
    with pytest.raises(AssertionError, match="decoded"):
        second()


def test_keeping_features_is_set_beside_computing_them(tmp_path):
    report = features.measure(tmp_path, rounds=1, case=TINY, epochs=2)
    kept, computed = report.figures["kept"][0], report.figures["computed"][0]
    assert kept["accounts"]["features"] > 0 == computed["accounts"]["features"]
    assert [each["images"] for each in kept["epochs"]] == [each["images"] for each in computed["epochs"]]
    assert "steady images/s" in report.text()


def test_a_chain_with_a_known_beginning_is_set_beside_one_that_trains_it(tmp_path):
    report = stages.measure(tmp_path, rounds=1, case=TINY)
    stored, trained = report.figures["stored"][0], report.figures["trained"][0]
    assert len(report.figures["predictions"]) == 64
    assert len(stored["epochs"]) < len(trained["epochs"])
    assert "after synthetic-dermoscopy,synthetic-clinic" in report.text()
