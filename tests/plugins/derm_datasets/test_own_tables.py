"""Tables and folders that people bring: patients do not leak, whatever the columns and classes are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.errors import DermError
from derm_datasets import derm_datasets

SPECS = {spec.name: spec for spec in derm_datasets()}


def table_of(name: str, root: Path, header: str, *rows: str):
    (root / {"csv": "records.csv", "dermai": "cases.csv"}[name]).write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return SPECS[name].records(root)


@pytest.mark.parametrize("patient", ["patient_id", "patient", "Patient ID", "PatientID", " patient ", "pid", "Subject"])
@pytest.mark.parametrize(
    ("name", "header", "row"),
    [("csv", "image,label", "a.jpg,x"), ("dermai", "case,file,class", "1,a.jpg,Nev"), ("csv", "Filename,dx", "a,x")],
)
def test_patients_are_known_by_the_usual_names_of_their_column(tmp_path, name, header, row, patient):
    frame = table_of(name, tmp_path, f"{header},{patient}", f"{row},P1", f"{row},")
    assert frame["patient"].fillna("").tolist() == ["P1", ""]


@pytest.mark.parametrize("split", ["split", "Set", "fold", "subset", "Partition"])
def test_an_official_split_is_known_by_the_usual_names_of_its_column(tmp_path, split):
    frame = table_of("csv", tmp_path, f"image,label,{split}", "a.jpg,x,Train", "b.jpg,x,test")
    assert frame["split"].tolist() == ["train", "test"]


@pytest.mark.parametrize("cells", [("0", "1"), ("A", "B"), ("", "")])
def test_a_column_of_other_values_is_no_official_split(tmp_path, cells, capsys):
    first, second = cells
    frame = table_of("csv", tmp_path, "image,label,fold", f"a.jpg,x,{first}", f"b.jpg,x,{second}")
    assert "split" not in frame
    assert "does not use the column 'fold'" in capsys.readouterr().err


def test_folds_beside_an_official_split_are_not_taken_for_it(tmp_path):
    frame = table_of("csv", tmp_path, "image,label,fold,set", "a.jpg,x,3,train", "b.jpg,x,4,test")
    assert frame["split"].tolist() == ["train", "test"]


@pytest.mark.parametrize("column", ["label", "diagnosis", "dx", "Class", "target"])
def test_labels_are_known_by_the_usual_names_of_their_column(tmp_path, column):
    assert table_of("csv", tmp_path, f"image,{column}", "a.jpg,nv", "b.jpg,mel")["label"].tolist() == ["nv", "mel"]


def test_places_in_the_hierarchy_are_no_labels(tmp_path):
    with pytest.raises(DermError, match="has no column 'label'"):
        table_of("csv", tmp_path, "image,diagnosis", "a.jpg,Benign:Benign melanocytic proliferations:Nevus")


def test_near_misses_and_unused_columns_are_told_once(tmp_path, capsys):
    header = "image,label,patiend,notes"
    for _ in range(2):
        table_of("csv", tmp_path, header, "a.jpg,x,P1,")
        SPECS["csv"].read_classes(tmp_path)
    path = tmp_path / "records.csv"
    assert capsys.readouterr().err.splitlines() == [
        f"Warning: '{path}': derm does not use the column 'patiend': did you mean 'patient_id'?",
        f"Warning: '{path}': derm does not use the column 'notes'.",
    ]


@pytest.mark.parametrize("word", ["nan", "None", "unknown", "UNK", "n/a", "-", "?", "-1", "<NA>", "NULL"])
def test_words_for_unknown_are_no_patient_and_no_lesion(tmp_path, word):
    frame = table_of(
        "csv", tmp_path, "image,label,patient,lesion,age", f"a.jpg,x,{word},{word},{word}", "b.jpg,x,P,L,5"
    )
    assert frame.loc[0, ["patient", "lesion", "age"]].isna().all()
    frame = table_of("dermai", tmp_path, "case,file,class,patient", f"{word},a.jpg,Nev,{word}", "2,b.jpg,Nev,P")
    assert frame.loc[0, ["patient", "lesion"]].isna().all()


@pytest.mark.parametrize("word", ["nan", "None", "unknown", "UNK", "n/a", "-", "?", "null"])
def test_words_for_unknown_are_no_class(tmp_path, word):
    table_of("csv", tmp_path, "image,label", "a.jpg,x", f"b.jpg,{word}", "c.jpg,y")
    assert [each.name for each in SPECS["csv"].read_classes(tmp_path)] == ["x", "y"]
    for folder in ("x", word.replace("/", "-"), "y"):
        (tmp_path / "classes" / folder).mkdir(parents=True)
        (tmp_path / "classes" / folder / "1.jpg").touch()
    classes = [each.name for each in SPECS["folder"].read_classes(tmp_path / "classes")]
    assert classes == (["n-a", "x", "y"] if word == "n/a" else ["x", "y"])


@pytest.mark.parametrize(("first", "second"), [("nv", "nv\u00a0"), ("nv", "nv\u200b"), ("n\u00e4vus", "na\u0308vus")])
def test_labels_and_folders_that_look_the_same_are_one_class(tmp_path, first, second):
    frame = table_of("csv", tmp_path, "image,label", f"a.jpg,{first}", f"b.jpg,{second}", "c.jpg,mel")
    assert frame["label"].tolist() == [first, first, "mel"]
    assert {each.name for each in SPECS["csv"].read_classes(tmp_path)} == {first, "mel"}
    for folder in (first, second, "mel"):
        (tmp_path / "classes" / folder).mkdir(parents=True)
        (tmp_path / "classes" / folder / "1.jpg").touch()
    assert {each.name for each in SPECS["folder"].read_classes(tmp_path / "classes")} == {first, "mel"}
    assert sorted(SPECS["folder"].records(tmp_path / "classes")["label"]) == sorted([first, first, "mel"])


def test_a_class_of_dermai_is_known_in_another_case_and_that_is_told(tmp_path, capsys):
    frame = table_of("dermai", tmp_path, "case,file,class", "1,a.jpg,nev", "2,b.jpg,Nev ", "3,c.jpg,Naevus")
    assert frame["label"].tolist() == ["Nev", "Nev", "Naevus"]
    assert frame["diagnosis"].tolist()[1] == frame["diagnosis"].tolist()[0] != ""
    assert capsys.readouterr().err == f"Warning: '{tmp_path / 'cases.csv'}': the class 'nev' is taken for 'Nev'.\n"
