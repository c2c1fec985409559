from dataclasses import replace

import numpy as np
import pytest

from derm_cli.evaluation.grouping import count_json, counted, group_column
from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.formats import as_text
from derm_cli.evaluation.reporting.report import ReportFacts, write_report
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from tests.support.synthetic_tables import SEVERITIES, random_table, referral_table, small


@pytest.mark.parametrize(
    ("metadata", "groups", "word"),
    [
        ({}, [0, 1, 2, 3], "patients"),
        ({"patient": "AAB."}, [0, 0, 1, 2], "patients"),
        ({"lesion": "AAB."}, [0, 0, 1, 2], "lesions"),
        ({"patient": "AA..", "lesion": "BBCC"}, [0, 0, 1, 2], "patients"),
        ({"patient": "AA..", "photograph_group": "..BB"}, [0, 0, 1, 1], "groups"),
        ({"patient": "AABB", "lesion": "ABCC"}, [0, 0, 1, 1], "patients"),
        ({"patient": "A.B.", "photograph_group": ".A.B"}, [0, 1, 2, 3], "groups"),
        ({"photograph_group": "ABBA", "lesion": "AABB"}, [0, 1, 1, 0], "groups"),
        ({"patient": "...."}, [0, 1, 2, 3], "patients"),
    ],
)
def test_what_keeps_cases_together_and_its_word(metadata: dict[str, str], groups: list[int], word: str) -> None:
    table = small("AABB", "AABB", "AB", **metadata)
    assert (table.patients.tolist(), table.group_word) == (groups, word)


@pytest.mark.parametrize(
    ("has_patient", "has_lesion", "column"),
    [
        ([True, True], [False, False], "patient"),
        ([False, False], [True, True], "lesion"),
        ([True, False], [True, True], "photograph_group"),
        ([True, False], [False, True], "photograph_group"),
        ([False, False], [False, False], "photograph_group"),
    ],
)
def test_groups_are_patients_only_where_every_case_names_one(
    has_patient: list[bool], has_lesion: list[bool], column: str
) -> None:
    assert group_column(has_patient, has_lesion) == column


def test_counts_have_their_word() -> None:
    assert [counted(1, "patients"), counted(30, "lesions"), counted(1, "cases")] == [
        "1 patient",
        "30 lesions",
        "1 case",
    ]
    assert count_json(4, "patients") == {"patients": 4}
    assert count_json(4, "lesions") == {"patients": None, "lesions": 4}
    assert count_json(None, "lesions") == {"patients": None}


def grouped(column: str, seed: int) -> Predictions:
    table = referral_table(400, seed)
    names = np.array([f"P{rank // 20}" for rank in range(400)])
    sexes = np.array(["male", "female"] * 200)
    return replace(table, metadata={column: names, "sex": sexes, "age": sexes, "site": sexes, "fitzpatrick": sexes})


def everything_said(column: str, path) -> tuple[str, str, str]:
    test = grouped(column, 0)
    judgement = judge(test, SEVERITIES, grouped(column, 1), draws=20)
    write_report(judgement, test, path, "A table", ReportFacts(), synthetic=False)
    terminal = "\n".join([*(as_text(table) for table in judgement_tables(judgement)), *judgement.notes])
    return terminal, path.read_text(encoding="utf-8"), str(judgement.to_json())


@pytest.mark.parametrize(("column", "word"), [("lesion", "lesions"), ("photograph_group", "groups")])
def test_where_groups_are_no_patients_nothing_calls_them_so(column: str, word: str, tmp_path) -> None:
    """One sentence on the page says that patients are not known, one what patients might have, one who is missing."""
    terminal, page, values = everything_said(column, tmp_path / "page.html")
    assert word in terminal
    assert f" of 20 {word}" in terminal, "what a threshold was chosen on"
    assert f"photographs of the same of the 20 {word} count" in page
    assert f"of 20 {word}" in page
    assert f"'{word}': 20" in values
    assert "patient" not in terminal
    assert "patients" not in values.replace("'patients': None", "")
    sentences = [each for each in page.replace("\n", " ").split(".") if "patient" in each]
    known = ("Which photographs are of one patient is not known here", "patients who are missing")
    assert [each for each in sentences if not any(told in each for told in known)] == []


def test_where_groups_are_patients_they_are_called_so(tmp_path) -> None:
    terminal, page, values = everything_said("patient", tmp_path / "page.html")
    assert "patients" in terminal
    assert "photographs of the same of the 20 patients count" in page
    assert "'patients': 20" in values
    assert "lesions" not in values


def test_a_table_of_single_cases_has_no_groups() -> None:
    assert judge(random_table(0, 50, 3), {}, draws=0).to_json()["patients"] is None
