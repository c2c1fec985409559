"""The whole benchmark: every method on every fold, seed by seed, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.recipes.aligning import pooled
from benchmarks.recipes.figures import compare
from benchmarks.recipes.jobs import Job, JobResult
from benchmarks.recipes.methods import Form, Method
from benchmarks.recipes.results import DatasetResults
from benchmarks.recipes.running import Workplace
from derm_cli.errors import DermError
from derm_cli.evaluation.intervals.resampling import DRAWS
from derm_cli.evaluation.predictions import Predictions
from derm_cli.taxonomy import LesionClass

MOST_OF_A_FAILURE = 300
"""Characters of what a failed process printed last that are told again at the end."""
Tell = Callable[[str], None]


def compare_on(
    dataset: str,
    classes: Sequence[LesionClass],
    methods: Sequence[Method],
    form: Form,
    workplace: Workplace,
    *,
    folds: Sequence[int] = (),
    draws: int = DRAWS,
    tell: Tell = print,
) -> DatasetResults:
    """Carry out ``methods`` on a dataset in turns, fold by fold, and compare those that finished all of them.

    ``folds`` are the numbers of those that are carried out, all where it is empty.  A method that fails on a fold is
    told of and left out there.  Raises DermError where no method finished.
    """
    jobs = [
        Job(method=method, dataset=dataset, fold=fold, seed=seed, form=form)
        for seed in range(form.seeds)
        for fold in folds or range(1, form.folds + 1)
        for method in methods
    ]
    results: dict[str, dict[tuple[int, int], JobResult]] = {each.name: {} for each in methods}
    failures: dict[str, str] = {}
    for number, job in enumerate(jobs, 1):
        place = (job.seed, job.fold)
        parts = {name: by_place[place] for name, by_place in results.items() if place in by_place}
        try:
            result = workplace.result(job, parts)
        except (RuntimeError, DermError) as error:
            failures[job.method.name] = f"{job.name}: {' '.join(str(error).split())[-MOST_OF_A_FAILURE:]}"
            tell(f"{number} of {len(jobs)}  FAILED  {job.name}: {error}")
        else:
            results[job.method.name][place] = result
            tell(f"{number} of {len(jobs)}  {result.seconds:.0f} s  {job.name}")
    asked = len(jobs) // len(methods)
    finished = [each for each in methods if len(results[each.name]) == asked]
    if not finished:
        raise DermError(f"No method finished on dataset '{dataset}': {next(iter(failures.values()))}")
    tables = {each.name: _pooled(results[each.name]) for each in finished}
    first = tables[finished[0].name]
    return DatasetResults(
        dataset,
        form,
        len(folds) or form.folds,
        len(first.labels),
        len(np.unique(first.patients)),
        finished,
        compare(tables, classes, draws),
        {each.name: [result.seconds for result in results[each.name].values()] for each in finished},
        [
            f"Not finished: `{each.name}`, {len(results[each.name])} of {asked} folds; {failures[each.name]}"
            for each in methods
            if each not in finished
        ],
    )


def _pooled(results: Mapping[tuple[int, int], JobResult]) -> Predictions:
    return pooled([(seed, result.predictions) for (seed, _), result in results.items()])
