"""What was measured of a run's artefact is kept beside it, of a stranger's model nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derm_cli.plugin import Inspection
from mobile_export.tools.benchmark import storing
from mobile_export.tools.benchmark.asking import Measurement
from mobile_export.tools.benchmark.models import MeasuredModel
from mobile_export.tools.benchmark.storing import machine, store
from tests.support.artefact_files import made_facts


def model(sha256="right", run="made-run"):
    inspection = Inspection(facts=made_facts(run=run), is_sealed=True, inputs=(), outputs=(), operations={}, weights={})
    here = Path("model.onnx")
    return MeasuredModel(name="model.onnx", source=here, path=here, size=1, sha256=sha256, inspection=inspection)


def took(seconds, threads=1):
    return Measurement(
        runtime="onnxruntime",
        threads=threads,
        load=1.0,
        first=1.0,
        median=seconds,
        p95=seconds,
        memory=1,
        peak=2,
        low=seconds - 0.1,
        high=seconds + 0.1,
    )


@pytest.fixture
def runs(tmp_path):
    return with_artefact(tmp_path, "artefacts/model.onnx")


def with_artefact(runs, path):
    (runs / "made-run" / "artefacts").mkdir(parents=True)
    record = {"artefacts": {"onnx": {"path": path}}, "files": {path: "right"}}
    (runs / "made-run" / "run.json").write_text(json.dumps(record))
    return runs


def kept(path):
    return [(each["threads"], each["median"], each["machine"]) for each in json.loads(path.read_text())["measurements"]]


def test_the_latest_of_each_kind_stays(runs, monkeypatch):
    path = store(model(), [took(1.0), took(2.0, 2)], 50, runs)
    assert path == runs / "made-run" / "artefacts" / "model.onnx.latency.json"
    content = json.loads(path.read_text())
    assert (content["format"], content["sha256"]) == (1, "right")
    assert content["measurements"][0] | {"runs": 50, "low": 0.9, "high": 1.1} == content["measurements"][0]
    store(model(), [took(3.0)], 50, runs)
    monkeypatch.setattr(storing, "machine", lambda: "another")
    store(model(), [took(4.0)], 50, runs)
    assert kept(path) == [(2, 2.0, machine()), (1, 3.0, machine()), (1, 4.0, "another")]


@pytest.mark.parametrize("content", ["", "[]", '{"sha256": "another", "measurements": [{}]}', '{"sha256": "right"}'])
def test_what_was_damaged_or_is_of_another_file_goes(runs, content):
    (runs / "made-run" / "artefacts" / "model.onnx.latency.json").write_text(content)
    assert kept(store(model(), [took(1.0)], 50, runs)) == [(1, 1.0, machine())]


@pytest.mark.parametrize("asked", [model("another"), model(run="other"), model(run="../made-run")])
def test_of_a_stranger_s_model_nothing_is_kept(runs, asked):
    assert store(asked, [took(1.0)], 50, runs) is None
    assert list((runs / "made-run" / "artefacts").iterdir()) == []


def test_nothing_is_written_outside_of_the_run(tmp_path):
    assert store(model(), [took(1.0)], 50, with_artefact(tmp_path, "../model.onnx")) is None
    assert [path.name for path in tmp_path.iterdir()] == ["made-run"]
