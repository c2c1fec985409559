"""Cross-validation: a run for each fold of the target, and what they come to together: ``derm train --folds``."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from derm_cli.console import warn
from derm_cli.engine.stopping import StopSignals, exit_status_of, reason_of
from derm_cli.errors import DermError, Interrupted
from derm_cli.evaluation.metrics import metric_table
from derm_cli.evaluation.metrics.classification import Evaluation, evaluation_of
from derm_cli.evaluation.metrics.spread import MetricSpreads
from derm_cli.runs.folder import RunFolder
from derm_cli.studies.cross_validating.fold_study import FoldStudy
from derm_cli.studies.executing.taking import (
    EarlierRuns,
    InTraining,
    request_locked,
    request_values,
    take_or_train,
    values_of,
)
from derm_cli.studies.storage.record import FAILED, FINISHED, INTERRUPTED, RunState
from derm_cli.workflows.evaluating.pooled_folds import PooledFolds
from derm_cli.workflows.evaluating.run_evaluation import is_synthetic, predictions_of_run
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.train import train
from derm_cli.workflows.training.weight_source import with_full_reference

OVERALL_METRICS = {
    metric.heading: name
    for name, metric in metric_table.OVERALL_METRICS.items()
    if name in ("accuracy", "balanced_accuracy", "weighted_f1", "macro_f1")
}
"""The metrics over all classes that folds are compared by: the heading of each, and its name."""
CLASS_METRICS = {
    metric.heading: name
    for name, metric in metric_table.CLASS_METRICS.items()
    if name in ("sensitivity", "specificity", "precision", "f1", "auc")
}
"""The metrics of a class, likewise."""


@dataclass(frozen=True)
class FoldResult:
    """A fold: its run, None where none was begun, and why it did not finish, empty where it did."""

    fold: int
    run: RunFolder | None
    error: str = ""


@dataclass(frozen=True)
class CrossValidation:
    """A cross-validation of ``folds`` folds: those that were trained, in their order, none after an interruption.

    ``exit_status`` is that of the command: where a signal ended it, the signal's.  ``study`` is the name of the study
    that it is kept as, '' where it is not.
    """

    folds: int
    results: tuple[FoldResult, ...]
    exit_status: int = 1
    study: str = ""

    @property
    def finished(self) -> dict[int, RunFolder]:
        """The runs that finished, by fold."""
        return {each.fold: each.run for each in self.results if each.run and not each.error}

    @property
    def evaluations(self) -> dict[int, Evaluation]:
        """The evaluations of the finished runs, by fold."""
        return {fold: evaluation_of(predictions_of_run(run)[0], draws=0) for fold, run in self.finished.items()}

    @property
    def is_synthetic(self) -> bool:
        """Whether synthetic photographs are among those trained or tested on."""
        return any(is_synthetic(run) for run in self.finished.values())

    @property
    def failure(self) -> str:
        """What kept folds from finishing, or empty."""
        messages = [f"fold {each.fold}: {each.error}" for each in self.results if each.error]
        begun = {each.fold for each in self.results}
        messages += [f"fold {fold}: not begun" for fold in range(1, self.folds + 1) if fold not in begun]
        return "; ".join(each.rstrip(".") for each in messages)

    @property
    def pooled(self) -> PooledFolds | None:
        """The folds as one table, in which each case of the target is once; None where not all have finished."""
        runs = self.finished
        return PooledFolds(tuple(runs[fold] for fold in sorted(runs))) if len(runs) == self.folds else None

    def spreads(self) -> MetricSpreads:
        """Return the spread over the folds of the metrics over all classes, and of those of each class."""
        evaluations = list(self.evaluations.values())
        return MetricSpreads.of(evaluations, OVERALL_METRICS.values(), CLASS_METRICS.values())

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        evaluations = self.evaluations
        return {
            "folds": self.folds,
            "study": self.study or None,
            "runs": [
                {
                    "fold": each.fold,
                    "run": each.run.id if each.run else None,
                    "path": str(each.run.path) if each.run else None,
                    "error": each.error or None,
                    **(_overall_metrics(evaluations[each.fold]) if each.fold in evaluations else {}),
                }
                for each in self.results
            ],
            **self.spreads().to_json("folds"),
            "synthetic": self.is_synthetic,
        }


def _overall_metrics(evaluation: Evaluation) -> dict[str, Any]:
    return {"cases": evaluation.cases} | {name: getattr(evaluation, name) for name in OVERALL_METRICS.values()}


def cross_validate(session: Session, request: TrainRequest, use_store: bool = True) -> CrossValidation:
    """Train a run for each fold, one after another; one that fails keeps no other from being trained.

    With ``use_store``, a fold that a run was trained for before, as it is asked for now and on the same data, is taken
    from there, and one that was interrupted is gone on with: so the same command goes on where it was stopped.  A fold
    that another process trains at this moment is left to it.  What becomes of each is kept as a study of one row.
    Raises DermError where no fold could be begun.
    """
    results: list[FoldResult] = []
    exit_status = 1
    request = with_full_reference(session, request)
    study = FoldStudy(session, request)
    try:
        with StopSignals(), study:
            _train_folds(session, request, use_store, results, study)
    except Interrupted as stopped:
        exit_status = stopped.exit_status
    except KeyboardInterrupt as stopped:
        exit_status = exit_status_of(stopped)
    return CrossValidation(request.splitting.folds, tuple(results), exit_status, study.name)


def _train_folds(
    session: Session, request: TrainRequest, use_store: bool, results: list[FoldResult], study: FoldStudy
) -> None:
    """Train every fold, and add to ``results``, and to the study, what became of it.

    Raises Interrupted where a fold's run was, and KeyboardInterrupt where a signal came before it had one.
    """
    earlier = EarlierRuns(session)

    def note(fold: int, run: RunFolder | None, status: str, reason: str = "") -> None:
        if all(each.fold != fold for each in results):
            results.append(FoldResult(fold, run, reason))
        # What was stopped before it had a run was never begun.
        if run is not None or status == FAILED:
            seconds = round(time.monotonic() - begun, 1)
            study.note(fold, RunState(status, run.id if run else "", reason, seconds))

    for fold in range(1, request.splitting.folds + 1):
        fold_request = request.with_fold(fold)
        before = {run.id for run in session.runs.all()}
        begun = time.monotonic()
        try:
            with study.telling(fold):
                run = _train_fold(session, fold_request, use_store, earlier)
            note(fold, run, FINISHED)
        except (Interrupted, KeyboardInterrupt) as stopped:
            reason = str(stopped) if isinstance(stopped, Interrupted) else reason_of(stopped)
            note(fold, _run_of_fold(session, fold_request, before), INTERRUPTED, reason)
            raise
        except InTraining as error:
            results.append(FoldResult(fold, None, str(error)))
            warn(f"fold {fold} of {request.splitting.folds} is left out: {error}")
        except Exception as error:
            found = _run_of_fold(session, fold_request, before)
            if found is None and not any(each.run for each in results) and isinstance(error, DermError):
                # What is wrong before the first run begins is wrong with the request or the data, and with all folds.
                raise
            message = str(error) if isinstance(error, DermError) else f"{type(error).__name__}: {error}"
            note(fold, found, FAILED, message)
            warn(f"fold {fold} of {request.splitting.folds} did not finish: {' '.join(message.split())}")


def train_fold(session: Session, request: TrainRequest, use_store: bool = True) -> RunFolder:
    """Train the one fold that ``request`` asks for in a new run, and return it, finished.

    Raises InTraining where another process trains that fold of the same request, by itself or among all folds.
    """
    request = with_full_reference(session, request)
    with request_locked(session, request):
        return train(session, request, use_store)


def _train_fold(session: Session, fold_request: TrainRequest, use_store: bool, earlier: EarlierRuns) -> RunFolder:
    if not use_store:
        with request_locked(session, fold_request):
            return train(session, fold_request, use_store)
    run, was_there = take_or_train(session, fold_request, earlier)
    if was_there:
        warn(
            f"fold {fold_request.splitting.fold} of {fold_request.splitting.folds} was trained before, as run "
            f"'{run.id}'; --no-store trains it again."
        )
    return run


def _run_of_fold(session: Session, fold_request: TrainRequest, before: set[str]) -> RunFolder | None:
    """Return the run of a request that was begun since, or gone on with."""
    asked = request_values(fold_request)
    runs = [run for run in session.runs.all() if values_of(session, run) == asked]
    new = [run for run in runs if run.id not in before] or [run for run in runs if not run.finished]
    return new[-1] if new else None
