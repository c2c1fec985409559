"""What stands with a judgement, and where."""

from __future__ import annotations

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.reporting.report import ReportFacts
from derm_cli.evaluation.reporting.tables.table import Table
from derm_cli.workflows.evaluating.evaluate import EvaluationRequest, EvaluationResult
from tests.support.synthetic_tables import random_table

SEVERITIES = {"C00": "benign", "C01": "malignant", "C02": "malignant"}


def result(*names: str, **more: object) -> EvaluationResult:
    predictions = random_table(0, 200, 3)
    tables = tuple(Table(name, name, ("a", "b"), (("x", 1),)) for name in names)
    judgement = judge(predictions, SEVERITIES, random_table(1, 100, 3), draws=0)
    return EvaluationResult(
        "Synthetic", judgement, predictions, False, judgement.notes, ReportFacts(tables=tables), **more
    )


def test_what_is_told_of_a_run_stands_beside_the_figures_it_belongs_to() -> None:
    names = [table.name for table in result("phases", "temperature", "parts", "mapping").tables()]
    assert names[names.index("overall") + 1] == "mapping"
    assert names[names.index("calibration") + 1] == "temperature"
    assert not {"phases", "parts"} & set(names)
    assert set(names) - {"mapping", "temperature"} == {table.name for table in result().tables()}


def test_the_paper_s_form_is_its_tables_alone() -> None:
    assert [table.name for table in result("temperature").tables(paper=True)] == ["table4", "table5"]


def test_json_says_whether_photographs_were_made_and_what_was_left_out() -> None:
    assert result().to_json()["synthetic"] is False
    assert "left_out" not in result().to_json()
    assert result(left_out={"x": {"seen": 3}}).to_json()["left_out"] == {"x": {"seen": 3}}


def test_it_is_judged_as_it_is_asked_for() -> None:
    assert EvaluationRequest(draws=7, refer_at=(0.5, 0.6)).options.draws == 7
    assert EvaluationRequest(draws=7, refer_at=(0.5, 0.6)).options.refer_at == (0.5, 0.6)
