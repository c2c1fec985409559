"""Each loader on a made tree in its publisher's layout, and on the real photographs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import trees

from derm_cli.plugin import DatasetSpec, DermError
from derm_cli.plugin.testing import check_dataset
from derm_datasets import derm_datasets

SPECS = {spec.name: spec for spec in derm_datasets()}
MAKERS: dict[str, Callable[..., Path]] = {
    "edra": trees.make_edra,
    "dermofit": trees.make_dermofit,
    "dermai": trees.make_dermai,
    "pad-ufes-20": trees.make_pad,
    "ham10000": trees.make_ham,
    "folder": trees.make_folder,
    "csv": trees.make_csv,
}
TABLES = {
    "edra": "meta/meta.csv",
    "dermofit": "lesionlist.txt",
    "dermai": "cases.csv",
    "pad-ufes-20": "metadata.csv",
    "ham10000": "HAM10000_metadata",
    "csv": "photographs.csv",
}


@pytest.fixture(params=MAKERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=TABLES)
def tabled(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def make(name: str, root: Path) -> Path:
    return MAKERS[name](root, per_class=3, size=8)


def records(name: str, root: Path) -> pd.DataFrame:
    return check_dataset(SPECS[name], root)


def said(spec: DatasetSpec, root: Path) -> str:
    with pytest.raises(DermError) as caught:
        spec.records(root)
    return str(caught.value)


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8-sig")), encoding="utf-8")


def test_every_loader_reads_its_publishers_layout(name: str, tmp_path: Path) -> None:
    frame = records(name, make(name, tmp_path / name))
    spec = SPECS[name]
    classes = spec.classes or (spec.read_classes(tmp_path / name) if spec.read_classes else ())
    assert frame["label"].value_counts().to_dict() == {each.name: 3 for each in classes}
    assert frame["file"].is_unique


def test_trees_are_the_same_for_the_same_seed(name: str, tmp_path: Path) -> None:
    one, two, other = (MAKERS[name](tmp_path / part, 2, 8, seed) for part, seed in (("1", 0), ("2", 0), ("3", 1)))
    file = SPECS[name].records(one)["file"].iloc[0]
    assert (one / file).read_bytes() == (two / file).read_bytes()
    assert (one / file).read_bytes() != (other / file).read_bytes()


def test_a_photograph_that_is_not_there_keeps_its_row(tabled: str, tmp_path: Path) -> None:
    root = make(tabled, tmp_path / "set")
    before = records(tabled, root)
    (root / before["file"].iloc[4]).unlink()
    after = SPECS[tabled].records(root)
    assert list(after["case_id"]) == list(before["case_id"])
    assert not (root / after["file"].iloc[4]).exists()
    assert Path(after["file"].iloc[4]).name.casefold() == Path(before["file"].iloc[4]).name.casefold()


@pytest.mark.parametrize(
    ("known", "table", "label"),
    [
        ("edra", "meta/meta.csv", "reed or spitz nevus"),
        ("dermofit", "lesionlist.txt", "PYO"),
        ("dermai", "cases.csv", ";UncNeop;"),
        ("pad-ufes-20", "metadata.csv", ",SEK,"),
        ("ham10000", "HAM10000_metadata", ",akiec,"),
    ],
)
def test_a_label_that_is_no_class_is_returned_as_it_is(known: str, table: str, label: str, tmp_path: Path) -> None:
    root = make(known, tmp_path)
    strange = label[0] + "Strange" + label[-1] if label[0] in ",;" else "Strange"
    edit(root / table, lambda text: text.replace(label, strange))
    frame = SPECS[known].records(root)
    named = {each.name for each in SPECS[known].classes}
    assert set(frame["label"]) - named == {"Strange"}
    assert set(frame.loc[frame["label"] == "Strange", "diagnosis"]) == {""}


def test_edra_takes_clinical_photographs_in_any_case(tmp_path: Path) -> None:
    frame = records("edra", trees.make_edra(tmp_path, per_class=7, size=8))
    assert frame["file"].iloc[1] == "images/NEL/Nel002.jpg"
    assert frame["patient"].tolist() == [str(number) for number in range(1, 36)]
    # The first file stands in both columns, so nobody knows what it shows.
    assert frame["image_type"].isna().tolist() == [True] + [False] * 34
    assert set(frame["image_type"].dropna()) == {"clinical"}
    assert set(frame["sex"]) == {"male", "female"}
    assert frame["site"].iloc[0] == "chest"


def test_edra_tells_two_photographs_of_a_case_apart(tmp_path: Path) -> None:
    root = make("edra", tmp_path)
    edit(root / "meta" / "meta.csv", lambda text: text.replace("\n2,", "\n1,"))
    frame = records("edra", root)
    assert frame["case_id"].tolist()[:3] == ["1", "1-2", "3"]
    assert frame["patient"].tolist()[:3] == ["1", "1", "3"]


def test_dermofit_finds_folders_in_either_case_and_no_mask(tmp_path: Path) -> None:
    frame = records("dermofit", make("dermofit", tmp_path))
    assert frame["file"].iloc[0] == "ak/A1/A1.png"
    assert frame["file"].iloc[3] == "BCC/B1/B1.png"
    assert not frame["file"].str.contains("mask").any()
    assert "patient" not in frame


def test_dermai_reads_what_a_spreadsheet_writes(tmp_path: Path) -> None:
    frame = records("dermai", make("dermai", tmp_path))
    assert frame["case_id"].tolist()[:3] == ["SebKer-1", "SebKer-1-2", "SebKer-2"]
    assert frame["lesion"].tolist()[:3] == ["SebKer-1", "SebKer-1", "SebKer-2"]
    assert frame["image_type"].tolist()[:2] == ["macroscopic", "anatomical"]
    assert frame["age"].tolist()[:3] == [30, 31, 32]


def test_dermai_needs_no_more_than_case_file_and_class(tmp_path: Path) -> None:
    root = make("dermai", tmp_path)
    file = "SebKer-1-a.jpg"
    (root / "cases.csv").write_text(f"case,file,class,age,sex\n1,{file},SebKer,,\n2,sub\\no.jpg,Nev,x,?\n", "utf-8")
    frame = SPECS["dermai"].records(root)
    assert frame["file"].tolist() == [f"images/{file}", "images/sub/no.jpg"]
    assert frame[["age", "sex"]].isna().all(axis=None)


def test_pad_takes_nested_parts_and_what_is_unknown_as_missing(tmp_path: Path) -> None:
    frame = records("pad-ufes-20", make("pad-ufes-20", tmp_path))
    assert frame["file"].iloc[0] == "images/imgs_part_1/imgs_part_1/PAT_1_1_1.png"
    assert frame["lesion"].tolist()[:3] == ["PAT_1/1", "PAT_1/1", "PAT_2/2"]
    assert frame["sex"].tolist()[1:3] == ["male", "female"]
    assert frame.loc[0, ["sex", "age", "fitzpatrick"]].isna().all()
    assert frame.loc[1, "fitzpatrick"] == 2
    assert frame.loc[1, "site"] == "forearm"


@pytest.mark.parametrize("metadata", ["HAM10000_metadata", "HAM10000_metadata.csv", "ham10000_METADATA.CSV"])
def test_ham_reads_its_table_under_each_of_its_names(metadata: str, tmp_path: Path) -> None:
    root = make("ham10000", tmp_path)
    (root / "HAM10000_metadata").rename(root / metadata)
    frame = records("ham10000", root)
    assert frame["file"].tolist()[:2] == [f"HAM10000_images_part_{n}/ISIC_000000{n}.jpg" for n in (1, 2)]
    assert frame["lesion"].iloc[0] == frame["lesion"].iloc[1] != frame["lesion"].iloc[2]
    assert frame["sex"].tolist()[:2] == ["male", "female"]
    assert frame.loc[2, ["sex"]].isna().all()
    assert frame["site"].isna().tolist()[:2] == [False, True]
    assert "patient" not in frame


def test_folder_takes_photographs_alone_at_any_depth(tmp_path: Path) -> None:
    frame = records("folder", make("folder", tmp_path))
    assert frame["file"].tolist()[:3] == ["mole/1.jpg", "mole/2021/0.PNG", "mole/2021/2.PNG"]
    assert set(frame["diagnosis"]) == {""}


def test_csv_reads_the_columns_that_there_are(tmp_path: Path) -> None:
    root = make("csv", tmp_path)
    frame = records("csv", root)
    first = frame.iloc[0]
    assert first["case_id"] == first["file"] == "photographs/mole0.jpg"
    assert (first["split"], first["patient"], first["sex"]) == ("test", "mole-0", "female")
    assert (first["age"], first["fitzpatrick"], first["image_type"]) == (50, 3, "clinical")
    classes = SPECS["csv"].read_classes
    assert classes is not None
    assert {each.name: each.diagnoses for each in classes(root)} == {
        "mole": ("Benign:Benign melanocytic proliferations:Nevus",),
        "other": (),
        "wart": ("Benign:Inflammatory or infectious diseases:Verruca",),
    }
    (root / "records.csv").write_text("image;label;case_id\nphotographs/MOLE0.jpg;a;\nb.jpg;b;7\n", encoding="utf-8")
    frame = SPECS["csv"].records(root)
    assert frame["case_id"].tolist() == ["photographs/mole0.jpg", "7"]
    assert frame["file"].tolist() == ["photographs/mole0.jpg", "b.jpg"]


def test_csv_gives_a_diagnosis_of_two_labels_to_neither(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "image,label,diagnosis\n1.jpg,x,Benign\n2.jpg,y,Benign\n3.jpg,y,Malignant\n", "utf-8"
    )
    classes = SPECS["csv"].read_classes
    assert classes is not None
    assert [(each.name, each.diagnoses) for each in classes(tmp_path)] == [("x", ()), ("y", ("Malignant",))]


def test_csv_does_not_guess_between_tables(tmp_path: Path) -> None:
    for table in ("a.csv", "b.csv"):
        (tmp_path / table).write_text("image,label\n1.jpg,x\n", encoding="utf-8")
    assert "has several tables ('a.csv', 'b.csv') and none of them is 'records.csv'" in said(SPECS["csv"], tmp_path)


def test_a_wrong_folder_is_told_with_what_to_get_and_how_it_must_lie(name: str, tmp_path: Path) -> None:
    spec = SPECS[name]
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()
    other = tmp_path / "other"
    other.mkdir()
    (other / "readme.txt").write_text("x", encoding="utf-8")
    absent = tmp_path / "absent"
    for root, problem in (
        (absent, f"the folder '{absent}' is not there"),
        (file, f"'{file}' is a file where a folder is expected"),
        (empty, f"the folder '{empty}' is empty"),
        (other, f"'{other}"),
    ):
        message = said(spec, root)
        assert message.startswith(f"Dataset '{name}': {problem}")
        for part in (spec.obtain, spec.homepage, spec.licence, spec.layout.splitlines()[-1]):
            assert part in message


def test_a_missing_table_is_named(tabled: str, tmp_path: Path) -> None:
    root = make(tabled, tmp_path)
    (root / TABLES[tabled]).unlink()
    expected = {"ham10000": "HAM10000_metadata.csv", "csv": "records.csv"}.get(tabled, TABLES[tabled])
    assert f"'{root / expected}' is not there" in said(SPECS[tabled], root)


@pytest.mark.parametrize(
    ("known", "column"),
    [
        ("edra", "clinic"),
        ("dermai", "class"),
        ("pad-ufes-20", "patient_id"),
        ("ham10000", "dx"),
        ("csv", "label"),
    ],
)
def test_a_missing_column_is_named(known: str, column: str, tmp_path: Path) -> None:
    root = make(known, tmp_path)
    table = root / TABLES[known]
    end = ";" if known == "dermai" else ","
    edit(table, lambda text: text.replace(column + end, "x" + end, 1))
    assert f"'{table}' has no column '{column}'" in said(SPECS[known], root)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "has no column 'case'"),
        (b"case,file,class\n", "has no rows"),
        (b"case,file,class\n,,\n", "has no rows"),
        (b"case,file,class\n1,a.jpg,Nev,more\n", "has more cells than its header has columns"),
        (b"case,file,class,case\n1,a.jpg,Nev,2\n", "has more than one column 'case'"),
        (b"case,file,class\n\xff,a.jpg,Nev\n", "is no UTF-8 text"),
    ],
)
def test_a_broken_table_is_told(content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(content)
    message = said(SPECS["dermai"], tmp_path)
    assert f"'{tmp_path / 'cases.csv'}'" in message
    assert problem in message


@pytest.mark.parametrize(("content", "problem"), [("\n", "has no lines"), ("1 A1\n", "'1 A1' in ")])
def test_a_broken_list_of_dermofit_is_told(content: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "lesionlist.txt").write_text(content, encoding="utf-8")
    assert problem in said(SPECS["dermofit"], tmp_path)


def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make("pad-ufes-20", tmp_path)

    def refuse(path: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", refuse)
    assert f"'{root / 'metadata.csv'}' cannot be read (Permission denied)" in said(SPECS["pad-ufes-20"], root)

    def closed(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", closed)
    assert f"'{root}' cannot be read (Permission denied)" in said(SPECS["pad-ufes-20"], root)


def test_a_link_to_itself_ends(tmp_path: Path) -> None:
    root = make("folder", tmp_path)
    (root / "mole" / "again").symlink_to(root, target_is_directory=True)
    assert len(records("folder", root)) == 9


def test_real_pad_ufes_20(real_data: Path) -> None:
    frame = records("pad-ufes-20", real_data / "pad-ufes-20")
    counts = {"BCC": 136, "NEV": 130, "SEK": 92, "ACK": 78, "MEL": 28, "SCC": 15}
    assert frame["label"].value_counts().to_dict() == counts
    patients = frame.groupby("lesion")["patient"].nunique()
    assert patients.max() == 1
    assert frame["patient"].nunique() < frame["lesion"].nunique() < len(frame)
    assert set(frame["sex"].dropna()) == {"male", "female"}
    assert frame["fitzpatrick"].isna().sum() == 182
    assert frame["age"].between(6, 100).all()


def test_real_ham10000(real_data: Path) -> None:
    frame = records("ham10000", real_data / "ham10000")
    counts = {"nv": 1000, "bkl": 400, "mel": 400, "bcc": 264, "akiec": 183, "vasc": 80, "df": 60}
    assert frame["label"].value_counts().to_dict() == counts
    assert frame["lesion"].is_unique
    assert frame["sex"].isna().sum() == 9
    assert frame["site"].isna().sum() == 48
