"""Asking a model is measured against a plain loop that gives the same answers: small, whole, and never timed here."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks import prediction
from benchmarks.processes import Outcome
from derm_cli.plan import Preprocessing
from tests.support.artefact_files import made_facts
from tests.support.mean_colour_onnx import write_onnx


def test_both_sides_answer_the_same_photographs_alike(tmp_path):
    file = write_onnx(tmp_path / "model.onnx", made_facts(preprocessing=Preprocessing(size=16)))
    case = prediction.Case(per_class=1, side=48, size=16)
    report = prediction.measure(tmp_path, rounds=1, case=case, artefacts=[file])
    assert report.results["photographs"] == 6
    found = report.results[".onnx"]
    assert list(found) == ["all 6, s", "one alone, s", "each further one, ms"]
    assert all(len(each["derm"]) == len(each["loop"]) == 1 for each in found.values())
    assert "6 synthetic photographs of 48x48, at 16x16" in report.text()
    with (tmp_path / "derm.csv").open() as ours, (tmp_path / "loop.csv").open() as theirs:
        derm = [[float(row["p_a"]), float(row["p_b"])] for row in csv.DictReader(ours)]
        loop = [[float(each) for each in row[1:]] for row in csv.reader(theirs)]
    assert derm == pytest.approx(np.array(loop), abs=1e-5)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux binds a process to cores")
def test_both_sides_have_the_same_two_cores_at_most():
    before = os.sched_getaffinity(0)
    with prediction.two_cores() as threads:
        assert len(os.sched_getaffinity(0)) == threads == min(2, len(before))
    assert os.sched_getaffinity(0) == before


def test_where_derm_is_slower_that_is_said(tmp_path, monkeypatch):
    file = write_onnx(tmp_path / "model.onnx", made_facts(preprocessing=Preprocessing(size=16)))

    def run(command, _, __):
        lines = 7 if command[0] == prediction.DERM else 6
        (tmp_path / ("derm.csv" if lines == 7 else "loop.csv")).write_text("row\n" * lines)
        # One photograph takes half of what all take.
        all_of_them = 1 if Path(command[3]).name == "one" else 2
        return Outcome(0.0, all_of_them * (2.0 if lines == 7 else 1.0), 0)

    monkeypatch.setattr(prediction, "run", run)
    report = prediction.measure(tmp_path, 1, prediction.Case(per_class=1, side=48, size=16), [file])
    assert "SLOW: .onnx, all 6, s: 0.50 times as fast" in report.text()
