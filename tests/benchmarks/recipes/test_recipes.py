"""``python -m benchmarks.recipes``: the command."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from benchmarks.recipes import __main__ as command
from benchmarks.recipes.methods import Form
from benchmarks.recipes.running import Workplace
from derm_cli.plugin import RecipeSpec
from derm_cli.plugin.registry import Registry

RECIPES = {name: RecipeSpec(name=name, title="t", source="s", values={"epochs": 2}) for name in ("paper", "strong")}


@pytest.fixture
def forms(processes, monkeypatch):
    """Give the command made recipes and no process, and return the list of the datasets and forms that it takes."""
    taken, all_specs, compare_on = [], Registry.all, command.compare_on

    def noted(dataset, classes, methods, form, workplace, **options):
        taken.append((dataset, form))
        return compare_on(dataset, classes, methods, form, workplace, **options)

    monkeypatch.setattr(command, "compare_on", noted)
    monkeypatch.setattr(
        Registry, "all", lambda registry, kind: RECIPES if kind is RecipeSpec else all_specs(registry, kind)
    )
    monkeypatch.setattr(command, "Workplace", lambda data, folder, options: Workplace(data, folder, options, processes))
    return taken


@pytest.fixture
def call(tmp_path, forms):
    def called(*arguments):
        to = ("--data", str(tmp_path), "--to", str(tmp_path / "to"), "--draws", "10")
        return CliRunner().invoke(command.main, [*to, *arguments])

    return called


def test_the_short_form_is_two_folds_and_one_seed_of_few_small_photographs(call, forms):
    done = call("--short", "--only", "most-frequent,plain")
    assert done.exit_code == 0, done.output
    assert forms == [("pad-ufes-20", Form(folds=2, seeds=1, epochs=1, size=64))]
    assert "### pad-ufes-20" in done.stdout
    assert "| `plain`: plain Keras script |" in done.stdout
    assert "Machine: processor" in done.stdout
    assert "FAILED" not in done.output


def test_the_long_form_is_five_folds_and_three_seeds_of_both_sets(call, forms):
    done = call("--only", "plain", "--datasets", "ham10000,pad-ufes-20", "--folds", "2", "--seeds", "1")
    assert done.exit_code == 0, done.output
    assert forms == [(name, Form(folds=2, seeds=1)) for name in ("ham10000", "pad-ufes-20")]
    assert Form() == Form(folds=5, seeds=3, backbone="effnet-lite0", epochs=None, size=None)


def test_methods_are_listed_with_the_ablation_of_the_recipe_that_is_asked_for(call, forms):
    listed = call("--list", "--ablation")
    assert "strong-without-epochs=2" in listed.stdout
    assert "paper-without-epochs=2" not in listed.stdout
    assert "paper-without-epochs=2" in call("--list", "--ablation", "paper").stdout
    assert "without" not in call("--list").stdout
    assert forms == []


def test_a_method_that_fails_ends_with_an_exit_status(call, processes):
    processes.failing = "benchmarks.plain_recipe"
    done = call("--short", "--only", "most-frequent,plain")
    assert done.exit_code == 1
    assert "Not finished: `plain`" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--datasets", "ddi"], "--datasets has 'ddi'"),
        (["--short", "--fold", "3"], "--fold is '3', but there are 2 folds"),
        (["--only", "strnog"], "--only is 'strnog'"),
        (["--ablation", "nothing"], "--ablation is 'nothing'"),
    ],
)
def test_what_cannot_be_meant_is_refused(call, forms, arguments, message):
    refused = call(*arguments)
    assert refused.exit_code
    assert message in refused.output
    assert forms == []


def test_the_options_of_derm_train_are_known():
    assert {"recipe", "phase_options", "no_store"} <= command.train_options()
