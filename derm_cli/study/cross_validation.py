"""Cross-validation: a run for each fold of the target, and what they come to together: ``derm train --folds``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean, stdev
from typing import Any

from derm_cli.console import warn
from derm_cli.data.ingesting import ingest
from derm_cli.engine import backend
from derm_cli.errors import DermError, Interrupted
from derm_cli.evaluation.metrics import metric_table
from derm_cli.evaluation.metrics.classification import Evaluation, evaluate
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.run_evaluation import is_synthetic, predictions_of_run
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import prepare
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.train import resume, train

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
class Outcome:
    """What became of a fold: its run, as far as there is one, and why it did not finish."""

    fold: int
    run: RunFolder | None
    error: str = ""


@dataclass(frozen=True)
class Figure:
    """A share, 0 to 1, over ``folds`` folds: mean and sample standard deviation (none of one fold)."""

    mean: float | None
    sd: float | None
    folds: int

    @classmethod
    def of(cls, values: Sequence[float | None]) -> Figure:
        """Summarize what is known of the folds."""
        known = [each for each in values if each is not None]
        return cls(mean(known) if known else None, stdev(known) if len(known) > 1 else None, len(known))


@dataclass(frozen=True)
class CrossValidation:
    """The folds that were trained, in their order; those after an interruption are missing."""

    folds: int
    outcomes: tuple[Outcome, ...]

    @property
    def finished(self) -> dict[int, RunFolder]:
        """The runs that finished, by fold."""
        return {each.fold: each.run for each in self.outcomes if each.run and not each.error}

    @property
    def evaluations(self) -> dict[int, Evaluation]:
        """The evaluations of the finished runs, by fold."""
        return {fold: evaluate(predictions_of_run(run)[0], draws=0) for fold, run in self.finished.items()}

    @property
    def made(self) -> bool:
        """Whether photographs made by a program are among those trained or tested on."""
        return any(is_synthetic(run) for run in self.finished.values())

    @property
    def failure(self) -> str:
        """What kept folds from finishing, or empty."""
        said = [f"fold {each.fold}: {each.error}" for each in self.outcomes if each.error]
        begun = {each.fold for each in self.outcomes}
        said += [f"fold {fold}: not begun" for fold in range(1, self.folds + 1) if fold not in begun]
        return "; ".join(each.rstrip(".") for each in said)

    def overall(self) -> dict[str, Figure]:
        """Return the figures over all classes, by name."""
        found = self.evaluations.values()
        return {name: Figure.of([getattr(each, name) for each in found]) for name in OVERALL_METRICS.values()}

    def per_class(self) -> dict[str, dict[str, Figure]]:
        """Return the figures of each class, by class and name."""
        found = list(self.evaluations.values())
        return {
            label: {
                name: Figure.of([getattr(each.per_class[label], name) for each in found])
                for name in CLASS_METRICS.values()
            }
            for label in (found[0].per_class if found else ())
        }

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        evaluations = self.evaluations
        return {
            "folds": self.folds,
            "runs": [
                {
                    "fold": each.fold,
                    "run": each.run.id if each.run else None,
                    "path": str(each.run.path) if each.run else None,
                    "error": each.error or None,
                    **(
                        {"cases": found.cases} | {name: getattr(found, name) for name in OVERALL_METRICS.values()}
                        if (found := evaluations.get(each.fold))
                        else {}
                    ),
                }
                for each in self.outcomes
            ],
            "overall": {name: vars(each) for name, each in self.overall().items()},
            "per_class": {
                label: {name: vars(each) for name, each in figures.items()}
                for label, figures in self.per_class().items()
            },
            "synthetic": self.made,
        }


def cross_validate(session: Session, request: TrainRequest, use_store: bool = True) -> CrossValidation:
    """Train a run for each fold, one after another; one that fails keeps no other from being trained.

    With ``use_store``, a fold that a run was trained for before, as it is asked for now and on the same data, is taken
    from there, and one that was interrupted is gone on with: so the same command goes on where it was stopped.  Raises
    DermError where no fold could be begun.
    """
    outcomes: list[Outcome] = []
    earlier = _Earlier(session)
    for fold in range(1, request.folds + 1):
        one = replace(request, fold=fold)
        before = {run.id for run in session.runs.all()}
        try:
            outcomes.append(Outcome(fold, _carried_out(session, one, use_store, earlier)))
        except (Interrupted, KeyboardInterrupt) as stopped:
            begun = _begun(session, one, before)
            outcomes.append(Outcome(fold, begun, str(stopped) or "interrupted by the user"))
            break
        except Exception as error:
            begun = _begun(session, one, before)
            if begun is None and not any(each.run for each in outcomes) and isinstance(error, DermError):
                # What is wrong before the first run begins is wrong with the request or the data, and with all folds.
                raise
            said = str(error) if isinstance(error, DermError) else f"{type(error).__name__}: {error}"
            outcomes.append(Outcome(fold, begun, said))
            warn(f"fold {fold} of {request.folds} did not finish: {said}")
    return CrossValidation(request.folds, tuple(outcomes))


def _carried_out(session: Session, one: TrainRequest, use_store: bool, earlier: _Earlier) -> RunFolder:
    found = earlier(one) if use_store else None
    if found is None:
        return train(session, one, use_store)
    if found.finished:
        warn(f"fold {one.fold} of {one.folds} was trained before, as run '{found.id}'; --no-store trains it again.")
        return found
    return resume(session, found)


class _Earlier:
    """Finds the runs that were asked for in the same way, by the same versions, on the same data."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.data: dict[str, str] | None = None

    def __call__(self, one: TrainRequest) -> RunFolder | None:
        """Return the latest such run that is not running."""
        for run in reversed(self.session.runs.all()):
            if _asked_for(run) == _json(one) and run.status != "running" and self._same(run, one):
                return run
        return None

    def _same(self, run: RunFolder, one: TrainRequest) -> bool:
        if self.data is None:
            prepared, cache = prepare(self.session, one), self.session.settings.cache_folder
            rule = prepared.plan.preprocessing
            self.data = {name: ingest(each, rule, cache).fingerprint() for name, each in prepared.records.items()}
        record = run.record
        versions = {name: record.environment.get(name) for name in backend.versions()}
        return record.data == self.data and versions == backend.versions()


def _begun(session: Session, one: TrainRequest, before: set[str]) -> RunFolder | None:
    """Return the run of a request that was begun since, or gone on with."""
    runs = [run for run in session.runs.all() if _asked_for(run) == _json(one)]
    new = [run for run in runs if run.id not in before] or [run for run in runs if not run.finished]
    return new[-1] if new else None


def _asked_for(run: RunFolder) -> dict[str, Any] | None:
    try:
        return run.record.request
    except DermError:
        return None


def _json(request: TrainRequest) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(json.dumps(request.to_json()))
    return values
