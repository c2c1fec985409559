"""Photographs for calibration: of every class as many as can be had, the same ones each time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from derm_cli.workflows.exporting import calibration
from derm_cli.workflows.exporting.calibration import balanced, calibration_photographs

LABELS = ["a"] * 50 + ["b"] * 4 + ["c"] * 20
CASES = pd.DataFrame(
    {
        "case_id": [f"case-{number:02}" for number in range(74)],
        "label": LABELS,
        "sha256": [f"{number:064x}" for number in range(74)],
    }
)


def test_each_class_gives_as_many_as_it_can():
    assert balanced(CASES, 12)["label"].value_counts().to_dict() == {"a": 4, "b": 4, "c": 4}
    assert balanced(CASES, 30)["label"].value_counts().to_dict() == {"a": 13, "b": 4, "c": 13}
    assert len(balanced(CASES, 1000)) == 74


def test_they_are_drawn_the_same_whatever_the_order_of_the_table():
    first = balanced(CASES, 12)
    shuffled = CASES.sample(frac=1, random_state=1)
    assert balanced(shuffled, 12).equals(first)
    assert first["case_id"].tolist() != CASES["case_id"].head(12).tolist()


def test_their_hashes_and_pixels_are_those_of_the_training_part(monkeypatch):
    read = []

    def pixels_of(session, run, cases, failure, kind):
        read.append((failure, kind))
        return np.zeros((len(cases), 8, 8, 3), np.uint8)

    monkeypatch.setattr(calibration, "cases_of_training_part", lambda run: CASES)
    monkeypatch.setattr(calibration, "read_photographs_of_cases", pixels_of)
    found = calibration_photographs(None, SimpleNamespace(id="run"))
    assert found.photographs.shape == (74, 8, 8, 3)
    assert set(found.sha256) == set(CASES["sha256"])
    assert read == [("Run 'run' cannot be quantized", "photograph of its training part")]
