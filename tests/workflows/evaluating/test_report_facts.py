"""What a page tells of a run beside its figures, from the files of its folder."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from derm_cli.errors import DermError
from derm_cli.evaluation.answers_value import BOTH, PHOTOGRAPH, value_of_answers
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.tables.table import Number
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.report_facts import report_facts
from derm_cli.workflows.evaluating.run_evaluation import predictions_of_run
from tests.support import run_folders
from tests.support.tiny_network import phase_options

DROPPED = """dataset,case_id,file,label,reason
clinic,e,e.png,MEL,no file
clinic,f,f.png,NEV,no file
clinic,g,g.png,,no label
"""
FITTED = {"value": 1.5, "cases": 80, "log_loss": [0.9, 0.6], "ece": [0.2, 0.05]}
UNFITTED = {"value": 1.0, "cases": 7, "log_loss": None, "ece": None}


@pytest.fixture
def run(pair) -> RunFolder:
    return pair[0]


def table_rows(run: RunFolder, name: str) -> list[list[str]]:
    (table,) = (each for each in report_facts(run).tables if each.name == name)
    return [list(table.header), *([shown(cell) for cell in row] for row in table.rows)]


def table_names(run: RunFolder) -> list[str]:
    return [each.name for each in report_facts(run).tables]


def write_sealed(run: RunFolder, name: str, text: str) -> None:
    (run / name).write_text(text)
    run.seal(name)


def change_plan(run: RunFolder, **values: object) -> None:
    write_sealed(run, layout.PLAN, json.dumps(replace(run_folders.PLAN, **values).to_json()))


def test_photographs_are_counted_by_class_and_part(run):
    lines = run_folders.SPLIT.splitlines()
    more = ["clinic,h,h.png,MEL,05,validation", "clinic,i,i.png,odd,06,train", "other,j,j.png,NEV,07,train"]
    write_sealed(run, layout.SPLIT, "\n".join([*lines, *more]) + "\n")
    assert table_rows(run, "parts") == [
        ["dataset", "class", "train", "validation", "test", "all"],
        # Classes as the plan orders them, then what it does not know.
        ["clinic", "MEL", "1", "1", "1", "3"],
        ["clinic", "NEV", "1", "0", "1", "2"],
        ["clinic", "odd", "1", "0", "0", "1"],
        ["clinic", "all classes", "3", "1", "2", "6"],
        ["other", "NEV", "1", "0", "0", "1"],
        ["other", "all classes", "1", "0", "0", "1"],
    ]


def test_what_was_left_out_is_counted_by_its_reason(run):
    assert "dropped" not in table_names(run)
    write_sealed(run, layout.DROPPED, DROPPED)
    assert table_rows(run, "dropped")[1:] == [["clinic", "no file", "2"], ["clinic", "no label", "1"]]


def test_phases_are_numbered_as_in_the_picture_and_say_how_long_they_took(run):
    head, top = run_folders.PHASES
    top = replace(top, blocks=("block7",), options=phase_options(mixup=0.2, early_stopping=3))
    change_plan(run, stages=(replace(run_folders.STAGE, phases=(head, top)),))
    history = run_folders.HISTORY.splitlines(keepends=True)
    write_sealed(run, layout.HISTORY, "".join(history[:-1]))
    assert table_rows(run, "phases")[1:] == [
        ["1 clinic", "1 head", "head", "2", "0.000100", "–", ""],
        # It was stopped early: an epoch of the two that were planned.
        [
            "1 clinic",
            "2 top",
            "head, block7",
            *("1", "0.000100", "0.000010", "mixing mixup (alpha 0.2), early stopping 3"),
        ],
    ]
    assert [row["loss"] for row in report_facts(run).history] == ["0.7", "0.6", "0.5"]


def test_the_temperature_and_what_it_did(run):
    assert "temperature" not in table_names(run)
    write_sealed(run, layout.EVALUATION, json.dumps({**run_folders.EVALUATION, "temperature": FITTED}))
    (table,) = (each for each in report_facts(run).tables if each.name == "temperature")
    assert table.title == "Temperature scaling: logits were divided by 1.50, fitted on 80 validation photographs"
    assert [row[1:] for row in table.rows] == [
        (Number(0.2), Number(0.05)),
        (Number(0.9, scale=1, decimals=4), Number(0.6, scale=1, decimals=4)),
    ]


def test_where_none_could_be_fitted_that_is_a_limit(run):
    write_sealed(run, layout.EVALUATION, json.dumps({**run_folders.EVALUATION, "temperature": UNFITTED}))
    assert "temperature" not in table_names(run)
    assert "With 7 validation photographs no temperature could be fitted" in " ".join(report_facts(run).limitations)


def test_an_answer_that_should_not_be_used_is_a_limit_and_what_answers_are_worth_a_table(run):
    table = predictions_of_run(run)[0]
    answers = value_of_answers({BOTH: table, PHOTOGRAPH: table}, draws=0) | {"cautions": {"sex": "it tells"}}
    write_sealed(run, layout.EVALUATION, json.dumps({**run_folders.EVALUATION, "answers": answers}))
    change_plan(run, metadata=("sex", "age"))
    facts = report_facts(run)
    assert "The answer 'sex' was used as it was asked for, though it tells" in " ".join(facts.limitations)
    assert "answers" in table_names(run)
    assert facts.details["Model"]["answers"] == "sex, age"


def test_no_validation_part_and_a_fold_alone_are_limits(run):
    assert report_facts(run).limitations == ()
    change_plan(run, validation_share=0.0, folds=5, fold=2)
    first, second = report_facts(run).limitations
    assert first.startswith("No photograph was kept for validation")
    assert second.startswith("This is fold 2 of 5 alone")
    assert "fold 2 of 5 of clinic" in report_facts(run).details["Split"]["test part of clinic"]


def test_facts_name_the_run_its_model_and_its_environment(run):
    run_folders.alter(run, "environment", deterministic=False, machine="a made one", missing=None)
    facts = report_facts(run).details
    assert facts["Run"]["run"] == run.id
    assert facts["Run"]["plan, SHA-256"] == run_folders.PLAN.fingerprint()
    assert facts["Model"]["first weights"] == "random"
    assert facts["Model"]["augmentation"].startswith("paper (rotation 1 to 30, flip 0.5")
    assert facts["Split"]["clinic, SHA-256 of cases and files"] == "0123456789abcdef" * 4
    environment = facts["Environment"]
    assert environment == {
        "python": "3.11.7", "keras": "3.15.1", "devices": "cpu:0", "deterministic": "no", "machine": "a made one",
    }  # fmt: skip
    assert report_facts(run).training_datasets == ("clinic",)
    change_plan(run, augmentation=None)
    assert report_facts(run).details["Model"]["augmentation"] == "none"


@pytest.mark.parametrize("name", [layout.SPLIT, layout.HISTORY, layout.EVALUATION])
def test_a_file_that_was_changed_is_refused(run, name):
    (run / name).write_text((run / name).read_text() + "\n")
    with pytest.raises(DermError, match=f"{name}' was changed since run 'one' wrote it"):
        report_facts(run)


def test_a_run_that_is_being_finished_has_not_sealed_all(run):
    sealed = {name: digest for name, digest in run.record.files.items() if name in {layout.PLAN, layout.SPLIT}}
    run.write(replace(run.record, files=sealed))
    (run / layout.EVALUATION).unlink()
    facts = report_facts(run)
    assert len(facts.history) == 4
    assert [each.name for each in facts.tables] == ["parts", "phases"]
