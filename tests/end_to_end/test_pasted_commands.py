"""Commands that derm prints, pasted: errors, warnings and what ends a command, with the folders of the call."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from derm_cli.cli import cli
from derm_cli.cli.train import command
from derm_cli.cli.train.folds import again
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.record import RunRecord
from tests.support.run_folders import REQUEST

RUN = "20260101-000000-abcd"


def derm(*arguments: str, **environment: str):
    return CliRunner().invoke(cli, arguments, env=environment)


@pytest.fixture
def runs(tmp_path) -> Path:
    """A runs folder, with a blank in its path, that has a run which was interrupted."""
    folder = tmp_path / "my runs"
    RunFolder(folder / RUN).write(RunRecord(status="interrupted", request=REQUEST.to_json()))
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate", RUN),
        ("export", RUN, "--tflite"),
        ("runs", "choose", RUN),
        ("train", "--chain", f"run:{RUN},synthetic-phone", "--dry-run"),
    ],
)
def test_the_command_to_go_on_finds_the_run(runs, arguments):
    result = derm("--runs", str(runs), *arguments)
    command = re.search("go on with '(.*)'\\.\n", result.stderr)[1]
    assert shlex.split(command) == ["derm", "--runs", str(runs), "train", "--resume", RUN]


def test_a_run_that_was_named_by_its_path_is_named_by_its_path(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(runs)
    result = derm("evaluate", RUN)
    command = re.search("go on with '(.*)'\\.\n", result.stderr)[1]
    assert shlex.split(command) == ["derm", "train", "--resume", str(runs / RUN)]
    monkeypatch.chdir(runs.parent)
    assert (
        "go on with 'derm --runs 'my runs' train --resume"
        in derm("--runs", "my runs", "evaluate", f"{runs}/{RUN}").stderr
    )


def test_an_empty_listing_says_how_to_fill_it(tmp_path):
    result = derm("--runs", f"{tmp_path}/none", "--cache", "c", "runs", "list")
    assert f"'derm --runs {tmp_path}/none --cache c train' makes one" in result.stdout


def test_settings_are_named(tmp_path):
    (tmp_path / "derm.toml").write_text("")
    result = derm("runs", "list", DERM_CONFIG=str(tmp_path / "derm.toml"))
    assert f"'DERM_CONFIG={tmp_path}/derm.toml derm train' makes one" in result.stdout


def test_the_record_keeps_the_sentence_without_the_folders_of_one_call(runs):
    run = RunFolder(runs / RUN)
    run.write(replace(run.record, status="running", process=None))
    result = derm("--runs", str(runs), "runs", "interrupt", RUN, "--yes")
    assert f"go on with 'derm --runs '{runs}' train --resume {RUN}'" in result.stdout
    assert "--runs" not in (run / "run.json").read_text()


def test_folds_go_on_with_what_options_and_variables_gave(monkeypatch):
    monkeypatch.delenv("DERM_TRAIN_RECIPE")
    monkeypatch.setenv("DERM_TRAIN_EPOCHS", "7")
    words = ["--chain", "mine", "--folds", "3", "--no-frozen-check", "--leave-out", "mine:a b"]
    context = command.make_context("train", list(words), auto_envvar_prefix="DERM_TRAIN")
    assert sorted(shlex.split(again(context))) == sorted(["derm", "train", *words, "--epochs", "7"])
