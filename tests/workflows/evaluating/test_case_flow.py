"""The case flow of a run has the numbers of the run's own records."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from derm_cli.data.records import UNMATCHED
from derm_cli.evaluation.reporting.case_flow import CaseFlow
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.case_flow import case_flows
from derm_cli.workflows.evaluating.report_facts import report_facts
from tests.support.run_folders import PLAN

STORED = Path(__file__).parents[2] / "stored" / "runs" / "20261127-154556-2b9f"


def split_row(dataset: str, case: str, part: str, group: str = "") -> dict[str, str]:
    return {"dataset": dataset, "case_id": case, "part": part, "group": group}


def dropped_row(dataset: str, case: str, reason: str) -> dict[str, str]:
    return {"dataset": dataset, "case_id": case, "reason": reason}


def parts(flow: CaseFlow) -> dict[str, tuple[int, int | None]]:
    return {part.name: (part.photographs, part.groups) for part in flow.parts}


def test_every_photograph_is_counted_once() -> None:
    unmatched = UNMATCHED.format(stage="clinic")
    split = [
        *(split_row("clinic", "a", "train", "1"), split_row("clinic", "b", "train", "1")),
        *(split_row("clinic", "c", "validation", "2"), split_row("clinic", "d", "test", "3")),
        split_row("other", "a", "train"),
    ]
    dropped = [
        dropped_row("clinic", "x", "the file is not there"),
        dropped_row("clinic", "a", "its case_id stands on an earlier record"),
        dropped_row("clinic", "y", "the file is not there"),
        dropped_row("other", "a", unmatched),
        dropped_row(
            "other", "p", "a photograph that looks the same is among the test photographs of 'clinic': 'd.png'"
        ),
        dropped_row(
            "other", "q", "a photograph that looks the same is among the test photographs of 'clinic': 'e.png'"
        ),
    ]
    clinic, other = case_flows(PLAN, split, dropped)
    assert (clinic.dataset, clinic.listed, clinic.kept) == ("clinic", 7, 4)
    assert clinic.dropped == {"the file is not there": 2, "its case_id stands on an earlier record": 1}
    assert parts(clinic) == {"train": (2, 1), "validation": (1, 1), "test": (1, 1)}
    assert clinic.unmatched == {}
    assert (other.listed, other.kept, other.unmatched) == (3, 1, {unmatched: 1})
    assert other.dropped == {"a photograph that looks the same is among the test photographs of 'clinic'": 2}
    # An older derm wrote no groups; where nobody is, there are none.
    assert parts(other) == {"train": (1, None), "validation": (0, 0), "test": (0, 0)}
    assert [part.used for part in clinic.parts][2] == "tested on"
    assert [part.used for part in other.parts][2] == "neither trained nor tested on"


@pytest.mark.parametrize("keys", [("train", "validation", "test")])
def test_the_numbers_are_those_that_a_run_recorded_elsewhere(keys: tuple[str, ...]) -> None:
    run = RunFolder(STORED)
    flows = {flow.dataset: flow for flow in report_facts(run).case_flows}
    assert flows.keys() == run.record.splits.keys() == {"first", "clinic"}
    with (STORED / "dropped.csv").open(newline="") as file:
        reasons = [(row["dataset"], row["reason"]) for row in csv.DictReader(file)]
    for name, counts in run.record.splits.items():
        flow = flows[name]
        assert {part.name: part.photographs for part in flow.parts} == {key: getattr(counts, key) for key in keys}
        assert sum(flow.dropped.values()) + sum(flow.unmatched.values()) == [dataset for dataset, _ in reasons].count(
            name
        )
        assert flow.listed == flow.kept + sum(flow.dropped.values())
    tested = {part.name: part.photographs for part in flows[run.plan.target].parts}["test"]
    assert tested == json.loads((STORED / "evaluation.json").read_text())["cases"]


def test_a_run_without_a_test_part_has_nobody_there() -> None:
    (flow,) = case_flows(replace(PLAN, test_share=0.0), [split_row("clinic", "a", "train", "1")], [])
    assert parts(flow)["test"] == (0, 0)
