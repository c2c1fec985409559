"""What a run knows of the checklist is filled in, with the run's own numbers; all else is left to the authors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.reporting.checklist_items import BY_AUTHORS
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.checklist import filled_items, write_checklist
from derm_cli.workflows.evaluating.evaluate import EvaluationResult
from derm_cli.workflows.evaluating.report_facts import SPLIT_SEED, report_facts
from tests.support.synthetic_tables import random_table

STORED = Path(__file__).parents[2] / "stored" / "runs" / "20261127-154556-2b9f"
OF_THE_AUTHORS = {*range(1, 7), 10, *range(13, 19), 26, 34, 36, 41, 42, 44}


@pytest.fixture
def result() -> EvaluationResult:
    table = random_table(0, 90, 4, per_patient=3)
    facts = report_facts(RunFolder(STORED))
    return EvaluationResult("Run x", judge(table, {}, draws=20), table, False, (), facts)


def test_it_is_filled_from_the_run_s_records(result: EvaluationResult) -> None:
    filled = filled_items(result)
    run = RunFolder(STORED)
    assert filled.keys() & OF_THE_AUTHORS == set()
    assert filled[7] == "first, 48 photographs; clinic, 144 photographs"
    assert "4 (a photograph that looks the same is among the test photographs of 'clinic')" in filled[8]
    counts = run.record.splits["clinic"]
    assert f"clinic: 144 listed, 1 left out, train {counts.train}, validation {counts.validation}" in filled[35]
    assert filled[9].startswith("photographs: ")
    assert run.plan.backbone in filled[22]
    assert str(run.record.environment["keras"]) in filled[23]
    assert "seed: 0" in filled[25]
    assert filled[27].startswith("one model")
    assert f"derm train --repeat {run.id}" in filled[43]
    assert "SHA-256" not in filled[19]


def test_the_seed_of_the_split_is_told_beside_the_split(result: EvaluationResult) -> None:
    assert filled_items(result)[19].endswith("; seed: 0")
    of_split = {**result.report_facts.details, "Split": {SPLIT_SEED: "7"}}
    facts = replace(result.report_facts, details=of_split)
    assert filled_items(replace(result, report_facts=facts))[19] == "seed of the split: 7"


def test_it_has_the_figures_of_the_evaluation(result: EvaluationResult) -> None:
    filled, evaluation = filled_items(result), result.judgement.evaluation
    assert filled[21].startswith("90 test photographs: C00 ")
    assert filled[29] == "95 % confidence intervals, by 30 patients"
    assert f"balanced accuracy % {100 * evaluation.balanced_accuracy:.1f} (" in filled[37]
    assert filled[38].count("sensitivity %") == 4
    assert filled[39].startswith("most often: ")
    assert (32 in filled, 33 in filled) == (True, False)


def test_of_a_table_nothing_is_known_but_its_figures(tmp_path: Path) -> None:
    table = random_table(0, 90, 4)
    result = EvaluationResult("Predictions in t.csv", judge(table, {}, draws=0), table, False, ())
    assert filled_items(result).keys() == {21, 28, 32, 37, 38, 39}
    write_checklist(result, tmp_path / "claim.md")
    text = (tmp_path / "claim.md").read_text(encoding="utf-8")
    assert text.count(BY_AUTHORS) == 38
    assert "Predictions in t.csv" in text
