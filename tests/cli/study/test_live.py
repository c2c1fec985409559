"""A study while it is carried out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.cli.study.live import _Lines, _Table, view_lines
from derm_cli.studies.executing.assignment import Progress
from derm_cli.studies.executing.watching import StudyView, TrainingView


def training(key, status, **more):
    values = {"run": "", "stage": "", "progress": None, "left": None, "reason": "", **more}
    return TrainingView(key, f"row {key}", 0, 0, status, **values)


def view(*trainings, beginnings=None):
    return StudyView("made", "Which", trainings, beginnings or {}, True)


def test_a_line_has_stage_progress_and_time_left():
    lines = view_lines(
        view(
            training("0001", "running", stage="edra", progress=0.25, left=300.0),
            training("0002", "running", stage="edra", progress=0.5, left=45.0),
            beginnings={"stage-aa": Progress("", "ham", 1, 4)},
        )
    )
    assert lines[0] == "Study made: Which"
    assert lines[3].split() == ["row", "0001", "0", "running", "edra", "25%", "5:00"]
    assert lines[4].split()[-2:] == ["50%", "0:45"]
    assert lines[5].split() == ["shared", "by", "several", "running", "ham", "25%"]


def test_a_row_of_several_trainings_is_a_line_with_how_far_they_are():
    trainings = [
        replace(training("0001", "finished", seconds=600.0), row="a", fold=1),
        replace(training("0002", "running", stage="edra", progress=0.5, left=200.0), row="a", fold=2),
        replace(training("0003", "waiting"), row="a", fold=3),
        replace(training("0004", "failed", reason="No memory."), row="b", fold=1),
        replace(training("0005", "waiting"), row="b", fold=2),
    ]
    lines = view_lines(view(*trainings))
    assert [line.split() for line in lines[1:2]] == [["row", "finished", "status", "stage", "done", "left"]]
    assert "1 finished, 1 waiting, 1 running" in lines[3]
    assert lines[3].split()[-3:] == ["edra", "50%", "13:20"]
    assert lines[4].split() == ["b", "0", "of", "2", "1", "waiting,", "1", "failed", "0%", "10:00"]
    assert lines[5:] == [
        "b, fold 1: No memory.",
        "1 of 5 trainings finished (1 failed, 1 finished, 1 running, 2 waiting); about 23:20 left",
    ]
    assert len(view_lines(view(*trainings), each_training=True)) == 10


@pytest.mark.parametrize("width", [60, 79, 80, 120])
@pytest.mark.parametrize("each_training", [True, False])
def test_rows_over_folds_fit_a_terminal_of_any_width(monkeypatch, width, each_training):
    monkeypatch.setenv("COLUMNS", str(width))
    row = "chain imagenet,ham10000; recipe frozen-block"
    made = [replace(training(f"{fold}", "waiting"), row=row, fold=fold) for fold in range(1, 4)]
    made[0] = replace(made[0], status="running", stage="pad-ufes-20", progress=0.5, left=3700.0)
    made[1] = replace(made[1], status="finished", run="20261128-123609-f016", seconds=60.0)
    lines = view_lines(view(*made), each_training=each_training)
    assert max(map(len, lines[1:-1])) <= width
    text = " ".join(" ".join(lines).split())
    assert ("1:01:40" if each_training else "1:02:40") in text
    assert "50%" in text


def test_of_many_trainings_those_that_run_come_first():
    many = [training(f"{number}", "finished" if number < 8 else "running") for number in range(10)]
    lines = view_lines(view(*many), most=3)
    assert [line.split()[1] for line in lines[3:6]] == ["8", "9", "0"]


def test_without_a_terminal_each_change_is_a_line(capsys):
    tell = _Lines()
    waiting, running = training("1", "waiting"), training("1", "running", stage="edra")
    for each in (waiting, running, running, training("1", "failed", reason="No memory.")):
        tell(view(each))
    assert capsys.readouterr().err.splitlines() == [
        "row 1: running, stage edra",
        "row 1: failed: No memory.",
    ]


def shown_by(text, lines):
    """Return what a terminal of so many lines shows of text that goes up and clears; nothing may go up beyond it."""
    shown = []
    for piece in text.split("\x1b[J"):
        body, up, count = piece.partition("\x1b[")
        shown += body.splitlines()
        if up:
            assert int(count.removesuffix("F")) < lines
            del shown[len(shown) - int(count.removesuffix("F")) :]
    return shown


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 8), (60, 12), (120, 5)])
def test_a_table_is_never_larger_than_the_terminal_and_leaves_nothing_behind(capsys, monkeypatch, width, height):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("LINES", str(height))
    row = "chain imagenet,ham10000; recipe frozen-block"
    made = [replace(training(f"{number:04d}", "waiting"), row=f"{row} {number}") for number in range(30)]
    made[29] = replace(made[29], status="running", stage="pad-ufes-20", progress=0.5, left=3700.0)
    tell = _Table()
    for status in ("waiting", "failed", "finished"):
        made[0] = replace(made[0], status=status, reason="No memory." if status == "failed" else "")
        tell(
            replace(view(*made), title="A title that is longer than what a terminal of eighty columns has room for" * 2)
        )
    shown = shown_by(capsys.readouterr().err, height)
    assert len(shown) < height
    assert max(map(len, shown)) < width
    assert shown[-1].startswith("1 of 30 trainings finished")
    text = "\n".join(shown)
    if height > 8:
        assert "1:01:40" in text
        assert shown[0].endswith("…")
        assert "\nand " in text
        assert " more\n" in text


@pytest.mark.parametrize("width", [40, 200])
def test_on_a_terminal_one_table_is_drawn_again_in_its_place(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    tell = _Table()
    for status in ("running", "finished"):
        tell(view(training("1", status)))
    text = capsys.readouterr().err
    assert text.count("\x1b[5F\x1b[J") == 1
    assert max(map(len, text.replace("\x1b[5F\x1b[J", "").splitlines())) < width
