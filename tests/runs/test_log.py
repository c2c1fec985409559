"""Warnings in the log of a run."""

import logging
import re

import pytest

from derm_cli.console import LOGGER, warn
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.log import RunLog

LINE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 Warning: "


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path)


def lines(run):
    return (run / "log").read_text(encoding="utf-8").splitlines()


def test_warnings_from_before_there_is_a_folder_come_first(run, capsys):
    with RunLog() as log:
        warn("planned")
        log.begin(run)
        with (run / "log").open("a") as tracker:
            tracker.write("Stage 1 of 1\n")
        warn("trained 100%")
    warn("afterwards")
    first, stage, second = lines(run)
    assert re.fullmatch(LINE + "planned", first)
    assert stage == "Stage 1 of 1"
    assert re.fullmatch(LINE + "trained 100%", second)
    assert capsys.readouterr().err == "Warning: planned\nWarning: trained 100%\nWarning: afterwards\n"


def test_a_run_without_a_warning_has_no_log_by_itself(run):
    with RunLog() as log:
        log.begin(run)
    assert not (run / "log").exists()


def test_a_training_that_is_refused_leaves_no_handler_and_no_line(run):
    before = list(LOGGER.handlers)
    with pytest.raises(ValueError, match="refused"), RunLog():
        warn("planned")
        raise ValueError("refused")
    assert LOGGER.handlers == before
    with RunLog() as log:
        log.begin(run)
    assert not (run / "log").exists()


def test_a_warning_is_one_line_and_commands_no_terminal(run):
    with RunLog() as log:
        log.begin(run)
        warn("two\nlines \x1b[31m")
    (line,) = lines(run)
    assert line.endswith("two\\nlines \\x1b[31m")


def test_a_disk_that_takes_no_line_ends_no_run(run, capsys):
    (run / "log").mkdir()
    with RunLog() as log:
        log.begin(run)
        warn("look")
    assert capsys.readouterr().err == "Warning: look\n"


def test_other_loggers_are_not_the_run_s(run):
    with RunLog() as log:
        log.begin(run)
        logging.getLogger("another").warning("not ours")
    assert not (run / "log").exists()
