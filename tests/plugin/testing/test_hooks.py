"""Hooks of a run, and commands: what would fail in a run, or never be reached, is told in words."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import click
import pytest

from derm_cli.plugin import StopRequest, hookimpl
from derm_cli.plugin.testing import check_commands, check_tracker


def module(*functions, **others):
    return SimpleNamespace(**{each.__name__: each for each in functions}, **others)


@hookimpl
def derm_run_started(run):
    (run.folder / "notes").write_text(run.plan.target)


@hookimpl
def derm_epoch_ended(epoch, run):
    with (run.folder / "notes").open("a") as file:
        file.write(f"{epoch.loss} {epoch.validation_loss}")


def test_hooks_that_note_a_run_pass():
    check_tracker(module(derm_run_started, derm_epoch_ended))


def test_a_function_without_the_marker_is_no_hook():
    def derm_stage_started(run):
        raise ValueError

    check_tracker(module(derm_stage_started))


def test_a_hook_that_fails_is_told_of():
    @hookimpl
    def derm_epoch_ended(epoch):
        return round(epoch.validation_loss)

    with pytest.raises(AssertionError, match=r"derm_epoch_ended fails .TypeError: .*, and would not be asked again"):
        check_tracker(module(derm_epoch_ended))


def test_a_hook_that_needs_a_test_part_is_told_of():
    @hookimpl
    def derm_run_finished(evaluation):
        return evaluation["balanced_accuracy"]

    with pytest.raises(AssertionError, match=r"derm_run_finished fails .KeyError: 'balanced_accuracy'"):
        check_tracker(module(derm_run_finished))


def test_a_hook_that_takes_the_folder_away_is_told_of():
    @hookimpl
    def derm_stage_started(run):
        shutil.rmtree(run.folder)

    with pytest.raises(AssertionError, match="derm_stage_started takes the run's folder away"):
        check_tracker(module(derm_stage_started))


def adding(*commands):
    @hookimpl
    def derm_commands(cli):
        for each in commands:
            cli.add_command(each)

    return module(derm_commands)


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        ((click.Command("greet", help="Say good day."),), ""),
        ((click.Command("greet"),), "the command 'greet' has no help text"),
        (
            (click.Command("train", help="Mine."),),
            "the command 'train' is one of derm's own and would never be reached",
        ),
        ((), "adds no command"),
        (
            (click.Command("greet", help="G.", params=[click.Option(["--a"], default=object, show_default=1 / 3)]),),
            "",
        ),
    ],
)
def test_commands(commands, said):
    with pytest.raises(AssertionError, match=said) if said else nullcontext():
        check_commands(adding(*commands), {"train"})


def test_what_ends_training_passes_and_any_other_answer_is_told_of():
    @hookimpl
    def derm_epoch_ended(epoch):
        return answer

    answer: object = None
    check_tracker(module(derm_epoch_ended))
    answer = StopRequest(reason="the budget is spent")
    check_tracker(module(derm_epoch_ended))
    answer = "stop"
    with pytest.raises(AssertionError, match=r"derm_epoch_ended gives the str 'stop', but must give StopRequest"):
        check_tracker(module(derm_epoch_ended))


def test_hooks_of_what_is_written_are_told_of_a_file_and_of_a_photograph_that_is_not_read():
    told = []

    @hookimpl
    def derm_exported(run, exporter, path, facts):
        told.append((exporter, path.is_file(), facts.run == run.id))

    @hookimpl
    def derm_predicted(summary, photographs):
        told.append((summary.answered, summary.unread, [each.prediction for each in photographs]))

    check_tracker(module(derm_exported, derm_predicted))
    assert told == [("onnx", True, True), (1, 1, ["NEV", None]), (0, 0, [])]

    @hookimpl
    def derm_predicted(photographs):
        return [max(each.probabilities.values()) for each in photographs]

    with pytest.raises(AssertionError, match=r"derm_predicted fails .AttributeError"):
        check_tracker(module(derm_predicted))
