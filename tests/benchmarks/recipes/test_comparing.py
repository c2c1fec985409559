"""The whole benchmark, its processes replaced: what is finished is kept, and a failure keeps nothing else from it."""

from __future__ import annotations

import pytest

from benchmarks.recipes.comparing import compare_on
from benchmarks.recipes.methods import Form, methods_of
from benchmarks.recipes.running import Workplace
from derm_cli.errors import DermError
from derm_cli.plugin import RecipeSpec
from derm_cli.taxonomy import LesionClass

CLASSES = (
    LesionClass(name="BCC", title="t", diagnoses=("Malignant:Malignant epidermal proliferations",)),
    LesionClass(name="MEL", title="t", diagnoses=("Malignant:Malignant melanocytic proliferations (Melanoma)",)),
    LesionClass(name="NEV", title="t", diagnoses=("Benign:Benign melanocytic proliferations",)),
)
FORM = Form(folds=2, seeds=2)
METHODS = methods_of({"paper": RecipeSpec(name="paper", title="t", source="s")}, "pad-ufes-20", FORM, [])


def compared(tmp_path, processes, **options):
    workplace, told = Workplace(tmp_path / "data", tmp_path / "to", start=processes), []
    results = compare_on("pad-ufes-20", CLASSES, METHODS, FORM, workplace, draws=20, tell=told.append, **options)
    return results, told


def test_every_method_is_judged_on_every_case_once_a_seed(tmp_path, processes):
    results, told = compared(tmp_path, processes)
    assert [each.name for each in results.methods] == [each.name for each in METHODS]
    assert (results.cases, results.patients) == (72, 18)
    assert {len(each) for each in results.seconds.values()} == {4}
    assert len(told) == 4 * len(METHODS)
    started = len(processes.commands)
    assert compared(tmp_path, processes)[0].markdown() == results.markdown()
    assert len(processes.commands) == started, "all was done already"


def test_one_fold_alone_can_be_done(tmp_path, processes):
    results, _ = compared(tmp_path, processes, folds=[2])
    assert results.cases == 36
    assert "; 1 of 2 folds" in results.markdown()


def test_a_method_that_fails_is_told_of_and_the_others_are_compared(tmp_path, processes):
    processes.failing = "benchmarks.plain_recipe"
    results, told = compared(tmp_path, processes)
    assert {each.name for each in METHODS} - {each.name for each in results.methods} == {"plain", "plain+late"}
    assert sum("FAILED" in each for each in told) == 8
    assert any(
        each.startswith("Not finished: `plain`, 0 of 4 folds; ") and each.endswith("no luck")
        for each in results.unfinished
    )
    assert "Paired differences from the plain script" not in results.markdown()
    processes.failing = ""
    assert compared(tmp_path, processes)[0].unfinished == []


def test_where_nothing_finishes_the_reason_is_given(tmp_path, processes):
    processes.failing = "benchmarks.recipes.folds"
    with pytest.raises(DermError, match=r"No method finished on dataset 'pad-ufes-20': .*no luck"):
        compared(tmp_path, processes)
