"""Jobs carried out, each in a process of its own, one after another."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from benchmarks.processes import DERM, PYTHON, ROOT, environment, run
from benchmarks.recipes.aligning import on_fold
from benchmarks.recipes.folds import FoldTable
from benchmarks.recipes.fusion import fused
from benchmarks.recipes.jobs import Job, JobResult, ResultStore
from benchmarks.recipes.methods import EPOCHS
from benchmarks.recipes.task import FoldTask
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import read_predictions
from derm_cli.runs.layout import PREDICTIONS, RECORD

MODULES = {"script": "benchmarks.plain_recipe", "baseline": "benchmarks.recipes.baselines"}
"""What carries out the methods without derm."""
FOLDS = "benchmarks.recipes.folds"

Start = Callable[[list[str], Path], float]
"""Runs a command in a folder to its end and returns its wall seconds; raises RuntimeError where it fails."""


def start_process(command: list[str], folder: Path) -> float:
    """Run a command of derm or of the benchmarks, without settings of the surroundings."""
    return run(command, environment([ROOT, ROOT / "plugins"]), folder).seconds


class Workplace:
    """Carries out jobs on the datasets in the folder ``data``; everything that it writes is below ``folder``.

    ``options`` are those that ``derm train`` has.  ``start`` starts processes.
    """

    def __init__(self, data: Path, folder: Path, options: Collection[str] = (), start: Start = start_process) -> None:
        self.data, self.folder, self.options, self.start = data, folder, options, start
        self.store = ResultStore(folder / "results")
        self.cache, self.kept = folder / "cache", folder / "kept"

    def folds_file(self, job: Job) -> Path:
        """Return the file of the job's folds, written where it is not there."""
        size = job.form.script_size
        path = self.folder / "folds" / f"{job.dataset}-{job.form.folds}folds-seed{job.seed}.csv"
        if not path.exists():
            numbers = (str(each) for each in (job.form.folds, job.seed, size))
            self.folder.mkdir(parents=True, exist_ok=True)
            command = [PYTHON, "-m", FOLDS, str(self.data), str(self.cache), job.dataset, *numbers, str(path)]
            self.start(command, self.folder)
        return path

    def folds(self, job: Job) -> FoldTable:
        """Return the job's folds."""
        return FoldTable.read(self.folds_file(job))

    def result(self, job: Job, parts: Mapping[str, JobResult]) -> JobResult:
        """Return the result of a job: the stored one, or a new one, which is stored.

        ``parts`` has the results of the methods that it is made of.  Raises RuntimeError where its process fails, and
        DermError where it answers other cases than those of the fold.
        """
        stored = self.store.get(job)
        if stored is not None:
            return stored
        result = self._fused(job, parts) if job.method.kind == "fusion" else self._computed(job)
        self.store.put(job, result)
        return result

    def _fused(self, job: Job, parts: Mapping[str, JobResult]) -> JobResult:
        missing = [name for name in job.method.parts if name not in parts]
        if missing:
            raise DermError(f"'{missing[0]}' did not finish, of which '{job.method.name}' is made: run it again.")
        first, second = (parts[name] for name in job.method.parts)
        predictions = on_fold(fused(first.predictions, second.predictions), self.folds(job), job.fold)
        return JobResult(predictions, first.seconds + second.seconds)

    def _computed(self, job: Job) -> JobResult:
        table, folder = self.folds(job), self.folder / "work"
        # What a job that was stopped left is not taken for this one's.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        file = folder / "predictions.csv"
        if job.method.kind == "derm":
            seconds = self.start(self._derm_command(job, folder), folder)
            file = _run_in(folder / "runs") / PREDICTIONS
        else:
            task = folder / "task.json"
            self._task(job, file).write(task)
            seconds = self.start([PYTHON, "-m", MODULES[job.method.kind], str(task)], folder)
        result = JobResult(on_fold(read_predictions(file), table, job.fold), seconds)
        shutil.rmtree(folder)
        return result

    def _derm_command(self, job: Job, folder: Path) -> list[str]:
        places = ("--data", str(self.data), "--cache", str(self.cache), "--runs", str(folder / "runs"))
        fold = ("--fold", f"{job.fold}/{job.form.folds}", "--seed", str(job.seed))
        # What is told beside the run is no part of the method.
        without = ("--no-baselines",) if "baselines" in self.options else ()
        return [DERM, *places, "train", "--backbone", job.form.backbone, *job.method.arguments, *fold, *without]

    def _task(self, job: Job, predictions: Path) -> FoldTask:
        return FoldTask(
            method=job.method.name,
            dataset=job.dataset,
            root=str(self.data / job.dataset),
            folds=str(self.folds_file(job)),
            fold=job.fold,
            seed=job.seed,
            backbone=job.form.backbone,
            size=job.form.script_size,
            epochs=job.form.epochs or EPOCHS,
            kept=str(self.kept),
            predictions=str(predictions),
        )


def _run_in(runs: Path) -> Path:
    (run_folder,) = (each for each in runs.iterdir() if (each / RECORD).exists())
    return run_folder
