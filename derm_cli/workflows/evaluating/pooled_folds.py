"""The folds of one plan taken together: each case answered by the model that had not seen it, as one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from derm_cli.errors import DermError
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.predictions import Predictions
from derm_cli.plan import Execution, Plan
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import Runs
from derm_cli.workflows.evaluating.run_evaluation import (
    DEFAULT_OPTIONS,
    JudgementOptions,
    is_synthetic,
    judge_predictions,
    predictions_of_run,
)

NOTES = (
    "Pooled over {folds} folds: each case was answered by the model that had not seen it. Intervals tell of the cases "
    "that happened to be there, not of how trainings differ.",
    "No threshold is chosen: each fold has a validation part of its own, of cases that other folds are tested on.",
)
"""What a reader of pooled figures must know; they stand in the place of a judgement's notes on a validation part."""


@dataclass(frozen=True)
class PooledFolds:
    """The finished runs of all folds of one plan, in the order of the folds."""

    runs: tuple[RunFolder, ...]

    @property
    def is_synthetic(self) -> bool:
        """Whether synthetic photographs are among those trained or tested on."""
        return any(map(is_synthetic, self.runs))

    @property
    def plan(self) -> Plan:
        """The plan that all folds have, but for the fold: that of the first."""
        return self.runs[0].plan

    def predictions(self) -> Predictions:
        """Return the test answers of all folds as one table.

        Raises DermError where a run's file was changed, and where a case is in the test part of two folds.
        """
        return pooled_predictions([predictions_of_run(run)[0] for run in self.runs])

    def judge(self, options: JudgementOptions = DEFAULT_OPTIONS) -> tuple[Predictions, Judgement]:
        """Return the pooled table and its judgement, in which no threshold is chosen."""
        table = self.predictions()
        judgement = judge_predictions(self.plan.classes, table, None, options)
        # What judge says last is that there is no validation part; here the folds have one each.
        kept = tuple(note for note in judgement.notes if not note.startswith("There is no validation part"))
        return table, replace(judgement, notes=(*(each.format(folds=len(self.runs)) for each in NOTES), *kept))


def pooled_predictions(tables: Sequence[Predictions]) -> Predictions:
    """Return tables of different cases and the same classes as one; metadata that one has not is empty there.

    Raises DermError where classes differ, or a case is in two tables.
    """
    first = tables[0]
    columns = dict.fromkeys(name for table in tables for name in table.metadata)
    cases = [case for table in tables for case in table.case_ids]
    if any(table.classes != first.classes for table in tables):
        raise DermError("The folds have different classes: train them again with one command, as in --folds 5.")
    if len(set(cases)) < len(cases):
        twice = next(case for case in cases if cases.count(case) > 1)
        raise DermError(
            f"Case '{twice}' is tested on in two folds, which were split differently: train them again with one "
            "command, as in --folds 5 --no-store."
        )
    have_probabilities = all(table.probabilities is not None for table in tables)
    return Predictions(
        classes=first.classes,
        case_ids=tuple(cases),
        labels=np.concatenate([table.labels for table in tables]),
        predictions=np.concatenate([table.predictions for table in tables]),
        probabilities=np.concatenate([table.probabilities for table in tables]) if have_probabilities else None,
        metadata={name: np.concatenate([_column(table, name) for table in tables]) for name in columns},
    )


def _column(table: Predictions, name: str) -> Any:
    return table.metadata.get(name, np.array([""] * len(table.case_ids)))


def fold_key(plan: Plan) -> str:
    """Return a SHA-256, 64 hexadecimal digits, that plans share which differ in what of the target is tested on alone.

    So a plan that keeps nobody for a test has that of its folds.  How it is computed is left out.  The share that is
    kept for a test counts where another dataset of the chain is split by it.
    """
    official = tuple(each for each in plan.official_splits if each.dataset != plan.target)
    datasets = {name for stage in plan.stages for name in stage.datasets}
    by_share = datasets - {plan.target} - {each.dataset for each in official}
    return replace(
        plan,
        folds=0,
        fold=0,
        test_share=plan.test_share if by_share else 0.0,
        official_splits=official,
        execution=Execution(),
    ).fingerprint()


def find_folds(run: RunFolder) -> PooledFolds | None:
    """Return the latest whole cross-validation, beside ``run``, of its plan and on its data; None where there is none.

    Of an ensemble it is that of its members, where they are the folds.  Runs that cannot be read are passed over.
    """
    members = {each.run for each in run.record.members}
    others = Runs(run.path.resolve().parent).all()
    # A member has the plan of its ensemble, which has left out what the folds are tested on.
    folds = [(other, plan) for other in others if other.id in members and (plan := _fold_plan(other))]
    whole = _latest_whole(folds)
    if whole is not None and {each.id for each in whole.runs} == members:
        return whole
    data, key = run.record.data, fold_key(run.plan)
    folds = [(other, plan) for other in others if (plan := _fold_plan(other, data)) and fold_key(plan) == key]
    return _latest_whole(folds)


def _fold_plan(run: RunFolder, data: dict[str, str] | None = None) -> Plan | None:
    """Return the plan of a run that is a finished fold, on ``data`` where that is given."""
    try:
        if run.finished and (data is None or run.record.data == data):
            plan = run.plan
            return plan if plan.folds else None
    except DermError:
        pass
    return None


def _latest_whole(candidates: Sequence[tuple[RunFolder, Plan]]) -> PooledFolds | None:
    """Return the latest run of each fold, for the number of folds that was made whole last."""
    runs_of_folds: dict[int, dict[int, RunFolder]] = {}
    latest = 0
    for run, plan in candidates:
        runs = runs_of_folds.setdefault(plan.folds, {})
        runs[plan.fold] = run
        latest = plan.folds if len(runs) == plan.folds else latest
    return PooledFolds(tuple(run for _, run in sorted(runs_of_folds[latest].items()))) if latest else None
