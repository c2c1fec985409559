"""Asking a model is measured against a plain loop that gives the same answers: small, whole, and never timed here."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from benchmarks import prediction
from derm_cli.plan import Preprocessing
from tests.support.artefact_files import made_facts
from tests.support.mean_colour_onnx import write_onnx


def test_both_sides_answer_the_same_photographs_alike(tmp_path):
    file = write_onnx(tmp_path / "model.onnx", made_facts(preprocessing=Preprocessing(size=16)))
    case = prediction.Case(per_class=1, side=48, size=16)
    report = prediction.measure(tmp_path, rounds=1, case=case, artefacts=[file])
    found = report.results[".onnx"]
    assert found["photographs"] == 6
    assert len(found["derm"]) == len(found["loop"]) == 1
    assert "6 synthetic photographs of 48x48, at 16x16; 2 threads" in report.text()
    with (tmp_path / "derm.csv").open() as ours, (tmp_path / "loop.csv").open() as theirs:
        derm = [[float(row["p_a"]), float(row["p_b"])] for row in csv.DictReader(ours)]
        loop = [[float(each) for each in row[1:]] for row in csv.reader(theirs)]
    assert derm == pytest.approx(np.array(loop), abs=1e-5)
