"""The members of an ensemble: whether their models can be averaged, and whom that could be tested on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from derm_cli.csv_cells import read_frame
from derm_cli.data.splitting import TEST
from derm_cli.data.splitting.joined_split import joined_split
from derm_cli.errors import DermError, RequestError
from derm_cli.plan import Plan
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.runs.runs import require_finished, require_trained
from derm_cli.workflows.evaluating.pooled_folds import fold_key
from derm_cli.workflows.training.seen_photographs import seen_contents, tested_contents


@dataclass(frozen=True)
class Members:
    """Runs whose models can be averaged, their plans, and their splits as one, a table as split.csv."""

    runs: tuple[RunFolder, ...]
    plans: tuple[Plan, ...]
    split: pd.DataFrame

    @property
    def plan(self) -> Plan:
        """The plan of the ensemble: that of the first, but that nobody is kept for a test where that is so."""
        first = self.plans[0]
        if ((self.split["dataset"] == first.target) & (self.split["part"] == TEST)).any():
            return first
        return _without_test(first)

    @property
    def backbone(self) -> str:
        """The members' backbones in a few words, such as ``5 x effnet-lite0``."""
        names = [plan.backbone for plan in self.plans]
        return " + ".join(f"{names.count(name)} x {name}" for name in dict.fromkeys(names))


def _without_test(plan: Plan) -> Plan:
    official = tuple(each for each in plan.official_splits if each.dataset != plan.target)
    return replace(plan, folds=0, fold=0, test_share=0.0, official_splits=official)


def members_of(runs: Sequence[RunFolder]) -> Members:
    """Check that ``runs`` can be an ensemble, in the order of their ids.

    Raises RequestError where fewer than two are named, or one twice, and DermError where one is not finished or an
    ensemble itself, where targets, classes or preprocessing differ, and where one has seen what another is tested on.
    """
    runs = sorted(runs, key=lambda run: run.id)
    ids = [run.id for run in runs]
    if len(ids) < 2:
        raise RequestError(f"'{', '.join(ids)}' is no ensemble: name two runs or more.")
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice:
        raise RequestError(f"Run '{twice}' is named twice: name each member once.")
    for run in runs:
        require_finished(run)
        require_trained(run)
    plans = [run.plan for run in runs]
    for run, plan in zip(runs, plans, strict=True):
        if plan.metadata:
            raise DermError(
                f"Run '{run.id}' takes answers beside the photograph ({', '.join(plan.metadata)}), which an ensemble "
                "does not: name runs that were trained without --metadata."
            )
    _check_alike(runs, plans)
    splits = [read_frame(run.sealed(layout.SPLIT)) for run in runs]
    if not are_whole_folds(runs, plans):
        _check_test_parts(runs, plans, splits)
    return Members(tuple(runs), tuple(plans), joined_split(splits, plans[0].target))


def _check_alike(runs: Sequence[RunFolder], plans: Sequence[Plan]) -> None:
    (first_run, *others), (first, *plans_of_others) = runs, plans
    for run, plan in zip(others, plans_of_others, strict=True):
        pairs = {
            "the target": (first.target, plan.target),
            "the classes": tuple(", ".join(each.name for each in one.classes) for one in (first, plan)),
            "the preprocessing": (first.preprocessing.text(), plan.preprocessing.text()),
            "the views": (first.views.text(), plan.views.text()),
        }
        differing = next((what for what, (one, other) in pairs.items() if one != other), None)
        if differing is None and first.classes != plan.classes:
            differing = "the diagnoses of the classes"
            pairs[differing] = tuple(str([each.diagnoses for each in one.classes]) for one in (first, plan))
        if differing:
            one, other = pairs[differing]
            raise DermError(
                f"Runs '{first_run.id}' and '{run.id}' cannot be averaged, for {differing} differ: '{one}' and "
                f"'{other}'. Name runs that agree in them."
            )


def are_whole_folds(runs: Sequence[RunFolder], plans: Sequence[Plan]) -> bool:
    """Tell whether the runs are all folds of one plan on the same data, each once."""
    folds = {plan.folds for plan in plans}
    return (
        folds == {len(plans)}
        and {plan.fold for plan in plans} == set(range(1, len(plans) + 1))
        and len({fold_key(plan) for plan in plans}) == 1
        and all(run.record.data == runs[0].record.data for run in runs)
    )


def _check_test_parts(runs: Sequence[RunFolder], plans: Sequence[Plan], splits: Sequence[pd.DataFrame]) -> None:
    """Refuse members of which one has seen what another is tested on, or which have no test photograph in common."""
    if not any(plan.keeps_test_part for plan in plans):
        return
    advice = (
        "name runs of one split, all folds of one cross-validation, or runs that all keep nobody for a test "
        "(--test-share 0)"
    )
    tested = [tested_contents(split, plan.target) for split, plan in zip(splits, plans, strict=True)]
    for tested_run, contents, split in zip(runs, tested, splits, strict=True):
        for run, other in zip(runs, splits, strict=True):
            if seen := contents & seen_contents(other):
                case = str(split.loc[split["sha256"].isin(seen), "case_id"].iloc[0])
                raise DermError(
                    f"Run '{run.id}' has learnt from {len(seen)} of the {len(contents)} photographs that run "
                    f"'{tested_run.id}' is tested on, such as '{case}', so the ensemble would be tested on what it has "
                    f"seen: {advice}."
                )
    if not set.intersection(*tested):
        raise DermError(f"The runs '{', '.join(run.id for run in runs)}' have no test photograph in common: {advice}.")
