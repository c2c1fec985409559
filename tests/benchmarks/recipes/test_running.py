"""Each job is a process of its own, told what derm's folds are; a stored one is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.recipes.jobs import Job
from benchmarks.recipes.methods import Form, methods_of
from benchmarks.recipes.running import Workplace
from benchmarks.recipes.task import FoldTask
from derm_cli.errors import DermError
from derm_cli.plugin import RecipeSpec

FORM = Form(folds=2, epochs=3)
METHODS = {
    each.name: each
    for each in methods_of({"paper": RecipeSpec(name="paper", title="t", source="s")}, "ham10000", FORM, [])
}


def job(name, **changes):
    return replace(Job(method=METHODS[name], dataset="ham10000", fold=2, seed=1, form=FORM), **changes)


@pytest.fixture
def workplace(tmp_path, processes):
    return Workplace(tmp_path / "data", tmp_path / "to", ["baselines"], processes)


@pytest.mark.parametrize("name", ["paper", "plain", "answers"])
def test_a_job_is_done_once(workplace, processes, tmp_path, name):
    result = workplace.result(job(name), {})
    assert len(processes.commands) == 2, "the folds, and the job"
    assert result.seconds == 7.0
    again = Workplace(tmp_path / "data", tmp_path / "to", ["baselines"], processes).result(job(name), {})
    assert len(processes.commands) == 2
    assert np.array_equal(again.predictions.probabilities, result.predictions.probabilities)
    workplace.result(job(name, fold=1), {})
    assert len(processes.commands) == 3, "the folds of a seed are there already"
    assert not (tmp_path / "to" / "work").exists()


def test_derm_is_given_the_fold_and_the_seed_and_no_baselines(workplace, processes, tmp_path):
    workplace.result(job("paper"), {})
    command = " ".join(processes.commands[-1][1:])
    assert command == (
        f"--data {tmp_path}/data --cache {tmp_path}/to/cache --runs {tmp_path}/to/work/runs train --backbone "
        "effnet-lite0 --chain imagenet,ham10000 --recipe paper --size 160 --phase epochs=3 --fold 2/2 --seed 1 "
        "--no-baselines"
    )


def test_a_script_is_given_derms_folds(workplace, processes, tmp_path, monkeypatch):
    tasks, write = [], FoldTask.write

    def noted(task, path):
        tasks.append(task)
        write(task, path)

    monkeypatch.setattr(FoldTask, "write", noted)
    workplace.result(job("plain"), {})
    assert processes.commands[-1][1:3] == ["-m", "benchmarks.plain_recipe"]
    (task,) = tasks
    assert task.folds == str(tmp_path / "to" / "folds" / "ham10000-2folds-seed1.csv")
    assert (task.fold, task.seed, task.size, task.epochs) == (2, 1, 160, 3)
    assert task.root == str(tmp_path / "data" / "ham10000")


def test_a_job_that_answers_other_cases_is_refused_and_not_stored(workplace, processes):
    right, processes.predictions = processes.predictions, lambda seed, fold: right(seed, 3 - fold)
    with pytest.raises(DermError, match="in one of two tables alone"):
        workplace.result(job("paper"), {})
    assert workplace.store.get(job("paper")) is None


def test_a_fusion_starts_nothing_and_needs_its_parts(workplace, processes):
    parts = {name: workplace.result(job(name), {}) for name in ("paper", "answers")}
    started = len(processes.commands)
    result = workplace.result(job("paper+late"), parts)
    assert len(processes.commands) == started
    assert result.seconds == 14.0
    product = parts["paper"].predictions.probabilities * parts["answers"].predictions.probabilities
    assert np.allclose(result.predictions.probabilities, product / product.sum(axis=1, keepdims=True))
    with pytest.raises(DermError, match="'answers' did not finish, of which 'plain\\+late' is made"):
        workplace.result(job("plain+late"), {"plain": parts["paper"]})
