"""Counts the case flow of a run from its own records: split.csv and dropped.csv."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from derm_cli.data.records import UNMATCHED
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.evaluation.reporting.case_flow import CaseFlow, FlowPart
from derm_cli.plan import Plan

PARTS = (TRAIN, VALIDATION, TEST)
Rows = Sequence[dict[str, str]]


def case_flows(plan: Plan, split: Rows, dropped: Rows) -> tuple[CaseFlow, ...]:
    """Return the case flow of each dataset of a run, from the rows of its split.csv and dropped.csv.

    A row of the latter is either of a record that was dropped before the split, or of a photograph of the training
    part that no class of a stage covers: such a one is counted in its part, and once for each stage.
    """
    datasets = dict.fromkeys(row["dataset"] for row in (*split, *dropped))
    return tuple(_case_flow(plan, name, *(_of(name, rows) for rows in (split, dropped))) for name in datasets)


def _case_flow(plan: Plan, dataset: str, split: Rows, dropped: Rows) -> CaseFlow:
    beginning = UNMATCHED.partition("{")[0]
    unmatched = [row["reason"] for row in dropped if row["reason"].startswith(beginning)]
    others = [row["reason"] for row in dropped if not row["reason"].startswith(beginning)]
    # A reason that names the photograph of which this is a copy is the same for every copy.
    reasons = Counter(reason.partition(": '")[0] for reason in others)
    return CaseFlow(
        dataset,
        dict(reasons.most_common()),
        tuple(_part(plan, dataset, part, split) for part in PARTS),
        dict(Counter(unmatched).most_common()),
    )


def _part(plan: Plan, dataset: str, part: str, split: Rows) -> FlowPart:
    rows = [row for row in split if row["part"] == part]
    groups = {row["group"] for row in rows} if all(row.get("group") for row in rows) else None
    used = {
        TRAIN: "trained on",
        VALIDATION: "epochs are judged by these"
        + (", thresholds and temperature chosen" if dataset == plan.target else ""),
        TEST: "tested on" if dataset == plan.target else "neither trained nor tested on",
    }
    return FlowPart(part, len(rows), None if groups is None else len(groups), used[part])


def _of(dataset: str, rows: Rows) -> Rows:
    return [row for row in rows if row["dataset"] == dataset]
