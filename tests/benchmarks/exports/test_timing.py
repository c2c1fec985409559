"""Times come from ``derm benchmark``, once: a second call takes those that are there."""

from __future__ import annotations

import json
from subprocess import CompletedProcess

import pytest

from benchmarks.exports import timing
from benchmarks.exports.timing import Latency, latency

PRINTED = {"models": [{"measurements": [{"median": 0.25, "p95": 0.5, "load": 1.0}]}]}


@pytest.fixture
def commands(monkeypatch):
    called = []

    def run(command, **_):
        called.append(command)
        return CompletedProcess(command, 0, json.dumps(PRINTED), "")

    monkeypatch.setattr(timing.subprocess, "run", run)
    return called


def test_a_file_is_timed_once(commands, tmp_path):
    assert latency(tmp_path, 7) == latency(tmp_path, 7) == Latency(0.25, 0.5)
    (command,) = commands
    assert command[1:] == ["benchmark", str(tmp_path / "model.tflite"), "--threads", "1", "--runs", "7", "--json"]


def test_what_cannot_be_timed_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(timing.subprocess, "run", lambda *_, **__: CompletedProcess([], 1, "", "Error: no luck.\n"))
    with pytest.raises(RuntimeError, match=r"model.tflite' was not measured: Error: no luck\."):
        latency(tmp_path, 7)
    assert not list(tmp_path.iterdir())
