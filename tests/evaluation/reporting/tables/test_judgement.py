from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from derm_cli.evaluation.assumptions import Assumptions
from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.tables.classes import class_table, overall_table, paper_tables
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import Number
from tests.support.synthetic_tables import random_table, small

SEVERITIES = {"C00": "benign", "C01": "malignant", "C02": "indeterminate", "C03": "benign"}


def test_a_judgement_has_a_sheet_for_all_that_it_knows() -> None:
    predictions = random_table(0, 300, 4)
    cut = Predictions(**{**vars(predictions), "metadata": {"sex": np.array(["male", "female"] * 150)}})
    names = [table.name for table in judgement_tables(judge(cut, SEVERITIES, random_table(1, 200, 4), draws=20))]
    first = ["classes", "overall", "partial_auc", "severities", "triage", "thresholds1", "thresholds2", "referral"]
    assert names == [
        *(*first, "promises", "decision_curve", "calibration", "calibration_slope"),
        *("conformal", "conformal_by_class", "abstention", "slices"),
    ]
    bare = [table.name for table in judgement_tables(judge(small("AB", "AB", "AB"), {}, draws=20))]
    assert bare == ["classes", "overall"]


def test_every_row_has_a_cell_under_each_heading() -> None:
    assumptions = Assumptions.of(["C01=0.02", "malignant=0.1"], ["C01=20"])
    test, validation = random_table(0, 300, 4, per_patient=2), random_table(1, 200, 4)
    tables = list(judgement_tables(judge(test, SEVERITIES, validation, draws=20, assumptions=assumptions)))
    assert {"patients", "predictive_values", "expected_cost", "costs"} <= {table.name for table in tables}
    for table in tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.header)}, table.name


def test_figures_stand_under_their_own_headings() -> None:
    evaluation = evaluation_of(random_table(2, 200, 3), draws=50)
    table = class_table(evaluation)
    for row, (name, each) in zip(table.rows, evaluation.per_class.items(), strict=True):
        cells = dict(zip(table.header, row, strict=True))
        assert (cells["class"], cells["cases"]) == (name, each.support)
        expected = {"sensitivity %": each.sensitivity, "PPV %": each.precision, "NPV %": each.npv, "AUC %": each.auc}
        for heading, value in expected.items():
            cell = cells[heading]
            assert isinstance(cell, Number)
            assert cell.value == value
        assert isinstance(cells["F1 %"], Number)
        assert cells["F1 %"].interval == each.intervals["f1"]
    overall = dict(overall_table(evaluation).rows)
    assert shown(overall["Cohen's kappa"]).startswith(f"{evaluation.kappa:.3f} (")
    assert shown(overall["macro F1 %"]).startswith(f"{100 * evaluation.macro_f1:.1f} (")


@pytest.mark.parametrize("strategy", ["merged", "imagenet"])
def test_the_form_of_the_paper_gives_the_figures_of_the_paper(real_data: Path, strategy: str) -> None:
    """Tables IV, V and VI to their last printed place; the paper cuts where it should round, hence 0.01."""
    paper = real_data.parent / "paper"
    number = {"merged": 5, "imagenet": 6}[strategy]
    evaluation = evaluation_of(read_predictions(paper / f"predictions_{strategy}.csv"), draws=0)
    overall, classes = paper_tables(evaluation, strategy)
    key = {"merged": "x", "imagenet": "a"}[strategy]
    printed = pd.read_csv(paper / "table4_strategies.csv").set_index("key").loc[key]
    cells = [float(shown(cell)) for cell in overall.rows[0][1:]]
    assert overall.header == ("strategy", "accuracy", "weighted F1", "F1")
    # 686 cases and their labels allow nothing nearer: see docs/explanation/evaluation.md.
    assert cells == pytest.approx([printed["accuracy"], printed["weighted_f1"], printed["macro_f1"]], abs=0.0101)
    rows = pd.read_csv(paper / f"table{number}_{strategy}.csv").to_dict("records")
    assert [row[0] for row in classes.rows] == [row["class"] for row in rows]
    for row, wanted in zip(classes.rows, rows, strict=True):
        assert row[1] == wanted["test_cases"]
        for cell, name in zip(row[2:], ("sensitivity", "precision", "f1"), strict=True):
            assert isinstance(cell, Number)
            # The paper prints 0.00 for the precision of a class never predicted.
            printed_value = 0.0 if cell.value is None else float(shown(cell))
            assert printed_value == pytest.approx(wanted[name], abs=0.0101), (row[0], name)


def test_a_little_below_zero_is_zero() -> None:
    assert [Number(each).text(each) for each in (-0.0004, 0.0004, -0.0006, -0.5)] == ["0.0", "0.0", "-0.1", "-50.0"]


def test_each_threshold_stands_with_what_it_promises_and_what_it_was_chosen_on() -> None:
    """24 malignant cases of the validation part promise 95 %, whose true share is that of Beta(24, 1); 98 % need 49."""
    validation = random_table(1, 200, 4)
    picked = np.concatenate([np.flatnonzero(validation.labels == name)[:24] for name in ("C01", "C00")]).tolist()
    assert validation.probabilities is not None
    part = Predictions(
        validation.classes,
        tuple(validation.case_ids[each] for each in picked),
        validation.labels[picked],
        validation.predictions[picked],
        validation.probabilities[picked],
    )
    judgement = judge(random_table(0, 300, 4), SEVERITIES, part, draws=20)
    tables = {table.name: table for table in judgement_tables(judgement)}
    promises = tables["promises"]
    told = {row[0]: [shown(cell) for cell in row[1:]] for row in promises.rows}
    assert promises.header[1:] == ("threshold", "promised %", "chosen on")
    assert told["95% of malignant"][1:] == ["95.0 (85.8–99.9)", "24"]
    assert told["98% of malignant"] == ["–", "–", "24, 49 needed"]
    assert told["now: 80% of malignant"] == told["80% of malignant"]
    assert told["soon: 95% of malignant or indeterminate"] == told["95% of malignant or indeterminate"]
    thresholds = {row[0]: shown(row[1]) for row in tables["thresholds1"].rows}
    assert thresholds["chosen for 95%"] == told["95% of malignant"][0]
    assert "chosen for 98%" not in thresholds
    by_class = {row[0]: row for row in tables["conformal_by_class"].rows}
    assert [shown(cell) for cell in by_class["C02"][1:4]] == ["–", "–", "0, 9 needed"], "it is in every set"
