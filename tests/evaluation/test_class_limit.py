"""A table whose labels cannot be classes is refused before anything is computed."""

from __future__ import annotations

import time

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.predictions import read_predictions
from derm_cli.evaluation.reporting.plots.confusion_png import draw_confusion
from derm_cli.evaluation.reporting.plots.confusion_svg import confusion_plot


def write(path, cases: int, labels: int, **columns: int):
    """Write a table with so many different labels, and other columns with so many different values."""
    lines = [",".join(["case_id", "label", "prediction", *columns])]
    for case in range(cases):
        values = (f"v{case % count}" for count in columns.values())
        lines.append(",".join([f"c{case}", f"x{case % labels}", f"x{case % labels}", *values]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cases", "labels", "columns", "hint"),
    [
        (8000, 4000, {"dx": 7}, "is 'label' the column of the labels? ('dx' has 7 values)"),
        (8000, 1001, {}, "derm judges at most 1000: is 'label' the column of the labels? Give"),
        (
            300,
            300,
            {"file": 300, "dx": 5, "one": 1},
            "most have a single case: is 'label' the column of the labels? ('dx",
        ),
        (300, 151, {"file": 300}, "most have a single case: is 'label' the column of the labels? Give"),
    ],
)
def test_labels_that_are_no_classes_are_refused_at_once(tmp_path, cases, labels, columns, hint):
    path = write(tmp_path / "t.csv", cases, labels, **columns)
    begin = time.monotonic()
    with pytest.raises(DermError) as error:
        read_predictions(path)
    assert time.monotonic() - begin < 5
    assert f"has '{labels}' different labels and predictions for {cases} cases" in str(error.value)
    assert hint in str(error.value)


@pytest.mark.parametrize(("cases", "labels"), [(5, 5), (100, 100), (300, 150), (2000, 1000)])
def test_many_classes_with_cases_of_each_are_judged(tmp_path, cases, labels):
    assert len(read_predictions(write(tmp_path / "t.csv", cases, labels)).classes) == labels


def test_as_many_classes_as_are_taken_are_judged_in_bounded_time(tmp_path):
    table = read_predictions(write(tmp_path / "t.csv", 2000, 1000))
    begin = time.monotonic()
    evaluation = judge(table, {}, draws=200).evaluation
    assert evaluation.accuracy == 1
    assert np.asarray(evaluation.counts).shape == (1000, 1000)
    assert time.monotonic() - begin < 60


def test_pictures_of_many_classes_are_drawn_in_bounded_time(tmp_path):
    evaluation = evaluation_of(read_predictions(write(tmp_path / "t.csv", 600, 300)), draws=0)
    begin = time.monotonic()
    draw_confusion(evaluation, tmp_path / "confusion.png", "many", synthetic=False)
    assert len(confusion_plot(evaluation).svg) < 1_000_000
    assert time.monotonic() - begin < 30
