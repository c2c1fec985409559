"""A predictions table of anybody: its columns, its classes and its patients as they are meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions

ROWS = [("1", "nv", "nv", "a"), ("2", "nv", "mel", "a"), ("3", "mel", "mel", "b"), ("4", "mel", "nv", "")]


def read(folder: Path, header: str, rows: list[tuple[str, ...]], classes: tuple[str, ...] | None = None) -> Predictions:
    path = folder / "table.csv"
    path.write_text("\n".join([header, *map(",".join, rows)]) + "\n", encoding="utf-8")
    return read_predictions(path, classes)


@pytest.mark.parametrize(
    "patient",
    ["patient", "patient_id", "Patient", " patient", "PatientID", "Patient ID", "pid", "subject_id", "\ufeffPatient"],
)
@pytest.mark.parametrize("header", ["case_id,label,prediction", "Image ID,dx,predicted", "id, Class ,y_pred"])
def test_patients_cases_labels_and_predictions_are_known_by_their_usual_names(tmp_path, header, patient):
    table = read(tmp_path, f"{header},{patient}", ROWS)
    assert table.patients.tolist() == [0, 0, 1, 2]
    assert table.case_ids == ("1", "2", "3", "4")
    assert table.labels.tolist() == ["nv", "nv", "mel", "mel"]
    assert list(table.metadata) == ["patient"]


def test_near_misses_and_unused_columns_are_told(tmp_path, capsys):
    table = read(tmp_path, "case_id,label,prediction,patiend", ROWS)
    assert table.patients.tolist() == [0, 1, 2, 3]
    assert f"'{tmp_path / 'table.csv'}': derm does not use the column 'patiend': did you mean 'patient'?" in (
        capsys.readouterr().err
    )
    read(tmp_path, "case_id,label,prediction,camera", ROWS)
    assert "derm does not use the column 'camera'." in capsys.readouterr().err


def test_a_table_of_derm_s_own_names_is_read_in_silence(tmp_path, capsys):
    read(
        tmp_path,
        "case_id,label,prediction,patient,sex,age,dataset,focus,by_camera model",
        [(*row, "f", "40", "x", "9", "phone") for row in ROWS],
    )
    assert capsys.readouterr().err == ""


def test_two_columns_of_patients_are_not_guessed_between(tmp_path):
    with pytest.raises(DermError, match="has the columns 'pid' and 'subject', and each could be 'patient'"):
        read(tmp_path, "case_id,label,prediction,pid,subject", [(*row, "x") for row in ROWS])


def test_a_diagnosis_of_the_hierarchy_is_no_label(tmp_path):
    with pytest.raises(DermError, match="column 'label' is missing"):
        read(tmp_path, "case_id,diagnosis,prediction", [("1", "Benign:Nevus", "nv")])
    assert read(tmp_path, "case_id,diagnosis,prediction", [("1", "nv", "mel")]).labels.tolist() == ["nv"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("nv", "nv "), ("nv", "nv\u00a0"), ("nv", "\u200bnv"), ("n\u00e4vus", "na\u0308vus"), ("1", "1.0"), ("0", "0.0")],
)
def test_classes_that_look_the_same_are_one_class(tmp_path, capsys, first, second):
    rows = [("1", first, second), ("2", second, first), ("3", "mel", first)]
    table = read(tmp_path, "case_id,label,prediction", rows)
    assert table.classes == (first, "mel")
    assert (table.labels == table.predictions).tolist() == [True, True, False]
    table = read(tmp_path, f"case_id,label,P_{second} ,p_mel", [("1", first, "0.9", "0.1"), ("2", "mel", "0.2", "0.8")])
    assert table.classes == (first, "mel")
    assert (table.labels == table.predictions).all()
    assert read(tmp_path, "case_id,label,prediction", rows, ("mel", first)).classes == ("mel", first)
    assert capsys.readouterr().err == ""


def test_classes_that_differ_in_case_are_told_and_kept_apart(tmp_path, capsys):
    table = read(tmp_path, "case_id,label,prediction", [("1", "nv", "NV"), ("2", "mel", "mel")])
    assert table.classes == ("nv", "mel", "NV")
    assert "'nv' and 'NV' are taken for different classes; if they are one, write it in one way." in (
        capsys.readouterr().err
    )


def test_a_class_that_is_given_is_known_in_another_case_and_that_is_told(tmp_path, capsys):
    table = read(tmp_path, "case_id,label,prediction", [("1", "NV", "nv "), ("2", "Mel", "mel")], ("mel", "nv"))
    assert table.labels.tolist() == table.predictions.tolist() == ["nv", "mel"]
    warnings = capsys.readouterr().err
    assert "the class 'NV' is taken for 'nv'." in warnings
    assert "the class 'Mel' is taken for 'mel'." in warnings


@pytest.mark.parametrize("word", ["nan", "None", "NULL", "n/a", "unknown", "UNK", "-", "?", "<NA>"])
def test_a_word_for_unknown_is_neither_a_label_nor_a_prediction_nor_a_patient(tmp_path, word):
    with pytest.raises(DermError, match=r"line 3: 'label' is '.*', which says that nothing is known; fill it in"):
        read(tmp_path, "case_id,label,prediction", [("1", "nv", "nv"), ("2", word, "nv")])
    with pytest.raises(DermError, match=r"line 3: 'prediction' is '.*', which says that nothing is known"):
        read(tmp_path, "case_id,label,prediction", [("1", "nv", "nv"), ("2", "nv", word)])
    rows = [("1", "nv", "nv", word, word), ("2", "nv", "nv", word, "5"), ("3", "nv", "nv", "P", "6")]
    table = read(tmp_path, "case_id,label,prediction,patient,age", rows)
    assert table.patients.tolist() == [0, 1, 2]
    assert table.metadata["age"].tolist() == ["", "5", "6"]


def test_minus_one_is_no_patient_and_no_age(tmp_path):
    rows = [("1", "nv", "nv", "-1", "-1"), ("2", "nv", "nv", "-1.0", "50"), ("3", "nv", "nv", "7", "60")]
    table = read(tmp_path, "case_id,label,prediction,patient,age", rows)
    assert table.patients.tolist() == [0, 1, 2]
    assert table.metadata["age"].tolist() == ["", "50", "60"]


def test_a_class_that_is_meant_may_be_called_unknown(tmp_path):
    table = read(tmp_path, "case_id,label,p_nv,p_unknown", [("1", "unknown", "0.1", "0.9"), ("2", "nv", "0.8", "0.2")])
    assert table.classes == ("nv", "unknown")
    assert read(tmp_path, "case_id,label,prediction", [("1", "unknown", "nv")], ("nv", "unknown")).labels == ["unknown"]


def test_a_patient_of_most_cases_is_told(tmp_path, capsys):
    rows = [(str(number), "nv", "nv", "xxx" if number < 9 else f"P{number // 2}") for number in range(30)]
    read(tmp_path, "case_id,label,prediction,patient", rows)
    assert "patient 'xxx' has 9 of 30 cases: is that a word for 'unknown'?" in capsys.readouterr().err


def test_patients_that_look_the_same_are_one(tmp_path):
    rows = [("1", "nv", "nv", "7"), ("2", "nv", "nv", "7.0"), ("3", "nv", "nv", "7 "), ("4", "nv", "nv", "007")]
    assert read(tmp_path, "case_id,label,prediction,patient", rows).patients.tolist() == [0, 0, 0, 1]


def test_what_is_read_is_written_under_derm_s_own_names_and_reads_back_equal(tmp_path):
    first = read(
        tmp_path, "Image ID,dx,Predicted,P_nv ,p_mel,Patient ID,camera", [("1", "nv ", "nv", "1", "0", "a", "x")]
    )
    write_predictions(first, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text().splitlines()[0] == "case_id,label,prediction,patient,camera,p_nv,p_mel"
    again = read_predictions(tmp_path / "again.csv")
    assert (again.classes, again.case_ids, again.metadata) == (first.classes, first.case_ids, first.metadata)
    np.testing.assert_array_equal(again.probabilities, first.probabilities)
