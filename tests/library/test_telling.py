"""Whom a call tells what: a function, bars on standard error, or nobody."""

from __future__ import annotations

from derm_cli.library.progress_reports import ProgressReport
from derm_cli.library.telling import Listener
from derm_cli.plugin import EpochReport

EPOCH = EpochReport(
    stage=0,
    stage_name="pad-ufes-20",
    phase=0,
    phase_name="head",
    epoch=1,
    epochs=3,
    loss=0.5,
    accuracy=0.75,
    images=8,
    seconds=1.0,
    head_rate=0.1,
    block_rate=0.1,
    first=False,
    validation_balanced_accuracy=0.5,
)
REPORTS = (
    ProgressReport("compiling …"),
    ProgressReport("head", 1, 4, "about 2 min left"),
    ProgressReport("head", 4, 4),
    ProgressReport("head", 2, 3, epoch=EPOCH),
)


def test_bars_and_a_line_for_each_epoch_are_shown_though_it_is_no_terminal(capsys):
    with Listener("terminal") as listener:
        assert listener.wants_progress
        for each in REPORTS:
            listener.report(each)
    shown = capsys.readouterr()
    assert shown.out == ""
    for words in ("compiling …", "head:  25%", "1/4", "4/4"):
        assert words in shown.err
    assert "  head  epoch 2/3  loss 0.500  accuracy 75.0%  validation 50.0% balanced\n" in shown.err
    assert shown.err.endswith("\r"), "the last bar is taken away"


def test_a_function_hears_every_report():
    heard: list[ProgressReport] = []
    with Listener(heard.append) as listener:
        for each in REPORTS:
            listener.report(each)
    assert heard == list(REPORTS)


def test_nobody_hears_where_nobody_asks(capsys):
    with Listener() as listener:
        assert not listener.wants_progress
        listener.report(REPORTS[0])
    assert capsys.readouterr() == ("", "")
