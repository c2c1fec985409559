"""The memory of prediction is measured on folders of more and more photographs, and told where it grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import prediction_memory
from benchmarks.prediction_memory import Case
from benchmarks.processes import Outcome

CASE = Case(counts=(2, 20), per_class=1, side=48)


@pytest.mark.parametrize(("peak", "grows"), [(100, False), (109, False), (112, True)])
def test_it_is_told_where_ten_times_the_photographs_take_more(tmp_path, monkeypatch, peak, grows):
    shown = []

    def run(command, _, __):
        folder = Path(command[3])
        files = sorted(folder.iterdir())
        shown.append(len(files))
        assert all(each.stat().st_nlink > 1 for each in files)
        (tmp_path / "answers.csv").write_text("row\n" * (len(files) + 1))
        return Outcome(0.0, 1.5, (peak if len(files) == 20 else 100) << 20)

    monkeypatch.setattr(prediction_memory, "run", run)
    report = prediction_memory.measure(tmp_path, 1, CASE, [tmp_path / "model.onnx"])
    assert shown == [2, 20]
    text = report.text()
    assert f".onnx  20           {peak} ({peak}..{peak})" in text
    assert ("GROWS: .onnx: 1.12 times the memory" in text) == grows
    assert report.results[".onnx"]["2"] == [100 << 20]
