"""The front is what no other row beats, and the data say which rows they cannot tell from it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.runs.record import ArtefactRecord
from derm_cli.runs.runs import Runs
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging import pareto
from derm_cli.studies.judging.answers import study_answers
from derm_cli.studies.judging.pareto import ParetoFront, WorthPoint, pareto_fronts
from tests.support.studies import keep_latency, made_session, made_study

NAMES = ("cheap", "good", "as good", "bad")
FILE = "artefacts/model.onnx"
MEGABYTES = {"cheap": 1, "good": 4, "as good": 8, "bad": 6}
WRONG = {"cheap": range(60), "good": range(10), "as good": [*range(9), 100, 101], "bad": range(120)}


def answers(wrong):
    labels = {f"{number}": "MEL" if number % 2 else "NEV" for number in range(200)}
    return {
        case: (label, 0.8 if (label == "MEL") == (int(case) not in set(wrong)) else 0.2)
        for case, label in labels.items()
    }


@pytest.fixture
def study(tmp_path):
    """Four rows whose exports have different sizes."""
    session = made_session(tmp_path)
    rows = tuple(StudyRow(name, {}) for name in NAMES)
    folder = made_study(session, rows, {(name, 0, 0): answers(WRONG[name]) for name in NAMES})
    for row in study_answers(session, folder).rows:
        run = row.trainings[0].run
        artefact = ArtefactRecord("onnx", FILE, MEGABYTES[row.name] * 1_000_000, 3, 0.0, 1.0)
        run.write(replace(run.record, artefacts={"onnx": artefact}))
    return session, folder


def fronts(study, names=NAMES):
    session, folder = study
    rows = study_answers(session, folder).rows
    tables = {row.name: row.predictions for row in rows if row.name in names}
    return pareto_fronts(rows, tables, {name: evaluation_of(table, draws=1) for name, table in tables.items()})


def test_what_no_row_beats_is_the_front_and_what_the_data_leave_open_is_told(study):
    (front,) = fronts(study)
    assert (front.name, front.front, front.under) == ("size", ("cheap", "good"), "")
    # One case more or less is no difference that the data show; 60 cases are.
    assert front.undecided == (("good", "as good"),)
    assert front.open_beside("as good") == ("good",)
    assert front.open_beside("bad") == ()
    assert "'cheap', 'good' are beaten by no row" in front.sentence
    assert "cannot tell apart in macro F1: 'good' and 'as good'." in front.sentence
    point = front.point("good")
    assert (point.cost, point.worth) == (4.0, pytest.approx(0.95, abs=0.001))
    assert point.interval.low < point.worth < point.interval.high
    values = front.to_json()
    assert values["points"][0]["interval"] == [front.points[0].interval.low, front.points[0].interval.high]
    assert values["undecided"] == [["good", "as good"]]


def test_latency_is_the_other_cost_where_it_was_measured(study):
    session, folder = study
    seconds = {"cheap": (0.02, 0.019, 0.024), "good": (0.023, 0.022, 0.024), "bad": (0.05, 0.05, 0.05)}
    for row in study_answers(session, folder).rows:
        if row.name in seconds:
            median, low, high = seconds[row.name]
            keep_latency(row.trainings[0].run, FILE, {"median": median, "low": low, "high": high})
    _, front = fronts(study)
    assert (front.name, front.under) == ("latency", "onnx in onnxruntime, 1 thread, a machine")
    assert (front.front, front.without) == (("cheap", "good"), ("as good",))
    assert front.point("cheap").cost_high == pytest.approx(24)
    assert front.of_one_cost == (("cheap", "good"),)
    assert "Measured again, either may be the faster: 'cheap' and 'good'." in front.sentence
    assert not front.is_counted


def test_rows_of_other_photographs_and_without_export_have_no_point(study):
    (front,) = fronts(study, ("cheap", "bad"))
    assert [point.row for point in front.points] == ["cheap", "bad"]
    assert front.front == ("cheap",)
    for run in Runs(study[0].runs.root).all():
        run.write(replace(run.record, artefacts={}))
    assert fronts(study) == ()


def test_of_many_rows_the_nearest_are_compared(study, monkeypatch):
    monkeypatch.setattr(pareto, "MOST_PAIRS", 1)
    asked = []
    compare = pareto.paired_comparisons
    monkeypatch.setattr(
        pareto, "paired_comparisons", lambda *given, **more: asked.append(list(given[1])) or compare(*given, **more)
    )
    fronts(study)
    assert asked == [["as good"]]


@pytest.mark.parametrize(
    ("costs", "worths", "expected"),
    [
        ((1, 2, 3), (0.1, 0.2, 0.3), ("0", "1", "2")),
        ((3, 2, 1), (0.1, 0.2, 0.3), ("2",)),
        ((1, 1, 2), (0.1, 0.2, 0.2), ("1",)),
        # Of two that are alike neither beats the other.
        ((1, 1), (0.2, 0.2), ("0", "1")),
    ],
)
def test_the_front(costs, worths, expected):
    pairs = enumerate(zip(costs, worths, strict=True))
    points = [WorthPoint(f"{number}", worth, None, cost, cost, cost) for number, (cost, worth) in pairs]
    assert pareto._front(points) == expected


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        # A byte more or less, as a file's labels are.
        ({"a": 9.407473, "b": 9.407474, "c": 9.407475}, {"a": 9.407473, "b": 9.407473, "c": 9.407473}),
        ({"a": 9.4, "b": 9.0, "c": 9.45}, {"a": 9.4, "b": 9.0, "c": 9.45}),
        # Each is near the one before, the last is not near the first.
        ({"a": 1.0, "b": 1.0009, "c": 1.0018}, {"a": 1.0, "b": 1.0, "c": 1.0018}),
        ({}, {}),
    ],
)
def test_sizes_that_differ_by_some_bytes_are_one(sizes, expected):
    assert pareto._levelled(sizes) == expected


def test_no_row_is_on_the_front_by_a_byte(study, monkeypatch):
    monkeypatch.setattr(pareto, "_smallest_export", lambda row: 9_407_473 + NAMES.index(row.name))
    (front,) = fronts(study)
    # By their bytes alone, 'cheap' would be beaten by no row either.
    assert set(front.front) == {"good"} | {
        point.row for point in front.points if point.worth == front.point("good").worth
    }
    assert "cheap" not in front.front


def test_a_sentence_names_the_first_of_many():
    names = tuple(f"r{number}" for number in range(9))
    points = tuple(WorthPoint(name, 0.1, Interval(0, 1, "score"), 1, 1, 1) for name in names)
    front = ParetoFront("size", "MB", "", points, names, tuple(pairwise(names)))
    assert "'r4' and 4 more are beaten by no row" in front.sentence
    assert "'r4' and 'r5'; and 3 more pairs" in front.sentence
