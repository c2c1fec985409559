"""Latencies are read as they were kept, and held against each other under one set of circumstances alone."""

from __future__ import annotations

import json

import pytest

from derm_cli.files import sha256_of
from derm_cli.plugin import Inspection
from derm_cli.runs.record import ArtefactRecord
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging.answers import study_answers
from derm_cli.studies.judging.latency import Circumstances, Latency, comparable_latencies, latencies_of
from mobile_export.tools.benchmark.asking import Measurement
from mobile_export.tools.benchmark.models import MeasuredModel
from mobile_export.tools.benchmark.storing import machine, store
from tests.support.artefact_files import made_facts
from tests.support.studies import keep_latency, made_session, made_study, twenty_answers

ROWS = (StudyRow("a", {}), StudyRow("b", {}), StudyRow("c", {}))
FILE = "artefacts/model.onnx"


@pytest.fixture
def rows(tmp_path):
    """Rows of one training, each with an export."""
    session = made_session(tmp_path)
    artefacts = {"onnx": ArtefactRecord("onnx", FILE, 4_500_000, 3, 0.0, 1.0)}
    folder = made_study(session, ROWS, {(row.name, 0, 0): twenty_answers(2) for row in ROWS}, artefacts=artefacts)
    return study_answers(session, folder).rows


def run_of(row):
    return row.trainings[0].run


def test_what_was_measured_is_read_with_its_interval(rows):
    run = run_of(rows[0])
    keep_latency(run, FILE, {"median": 0.02, "low": 0.019, "high": 0.022}, {"median": 0.01, "threads": 2, "low": None})
    assert latencies_of(run) == {
        Circumstances(1, "onnxruntime", "onnx", "a machine"): Latency(0.02, 0.019, 0.022),
        Circumstances(2, "onnxruntime", "onnx", "a machine"): Latency(0.01, 0.01, 0.01),
    }
    assert str(Circumstances(2, "onnxruntime", "onnx", "a machine")) == "onnx in onnxruntime, 2 threads, a machine"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"sha256": "x"}',
        '{"sha256": "another", "measurements": []}',
        '{"sha256": "x", "measurements": [{"median": "fast"}]}',
    ],
)
def test_what_cannot_be_read_or_is_of_another_file_is_not_there(rows, content):
    run = run_of(rows[0])
    keep_latency(run, FILE)
    sealed = json.loads((run / f"{FILE}.latency.json").read_text())["sha256"]
    (run / f"{FILE}.latency.json").write_text(content.replace('"x"', f'"{sealed}"'))
    assert latencies_of(run) == {}


def test_rows_are_held_against_each_other_under_what_most_were_measured_under(rows):
    for row, seconds in zip(rows, (0.02, 0.03, 0.04), strict=True):
        keep_latency(run_of(row), FILE, {"median": seconds, "threads": 4}, {"median": seconds / 2, "threads": 2})
    keep_latency(run_of(rows[2]), FILE, {"median": 0.5, "threads": 1}, {"median": 0.04, "threads": 4})
    under, found = comparable_latencies(rows)
    assert under.threads == 4
    assert {name: each.seconds for name, each in found.items()} == {"a": 0.02, "b": 0.03, "c": 0.04}
    # As many under each: the fewest threads.
    under, found = comparable_latencies(rows[:2])
    assert (under.threads, list(found)) == (2, ["a", "b"])


def test_where_nobody_measured_there_is_nothing(rows):
    assert comparable_latencies(rows) == (None, {})


def test_what_the_benchmark_keeps_is_what_is_read(rows):
    run = run_of(rows[0])
    keep_latency(run, FILE)
    facts = made_facts(run=run.id)
    model = MeasuredModel(
        name="model.onnx",
        source=run / FILE,
        path=run / FILE,
        size=1,
        sha256=sha256_of(run / FILE),
        inspection=Inspection(facts=facts, is_sealed=True, inputs=(), outputs=(), operations={}, weights={}),
    )
    took = {"load": 1.0, "first": 1.0, "median": 0.03, "p95": 0.04, "memory": 1, "peak": 2, "low": 0.02, "high": 0.05}
    assert store(model, [Measurement(runtime="onnxruntime", threads=4, **took)], 50, run.path.parent)
    assert latencies_of(run)[Circumstances(4, "onnxruntime", "onnx", machine())] == Latency(0.03, 0.02, 0.05)
