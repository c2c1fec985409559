"""When things happened inside a training."""

from __future__ import annotations

from benchmarks.timeline import FILE, Epoch, Timeline


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
