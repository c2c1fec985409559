"""Each loader on a made tree in its publisher's layout, and on the real photographs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from derm_cli.plugin import DatasetSpec, DermError
from derm_cli.plugin.testing import check_dataset
from derm_datasets import derm_datasets
from tests.support import trees
from tests.support.dataset_makers import MAKERS

SPECS = {spec.name: spec for spec in derm_datasets()}
TABLES = {
    "edra": "meta/meta.csv",
    "dermofit": "lesionlist.txt",
    "dermai": "cases.csv",
    "pad-ufes-20": "metadata.csv",
    "ham10000": "HAM10000_metadata",
    "csv": "photographs.csv",
    "fitzpatrick17k": "fitzpatrick17k.csv",
    "ddi": "ddi_metadata.csv",
    "scin": "dataset/scin_cases.csv",
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


def edit_as(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


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
    assert frame["site"].iloc[0] == "anterior torso"


def test_edra_tells_two_photographs_of_a_case_apart(tmp_path: Path) -> None:
    root = make("edra", tmp_path)
    edit(root / "meta" / "meta.csv", lambda text: text.replace("\n2,", "\n1,"))
    frame = records("edra", root)
    assert frame["case_id"].tolist()[:3] == ["1", "1-2", "3"]
    assert frame["patient"].tolist()[:3] == ["1", "1", "3"]


def test_edra_keeps_its_official_split_by_the_positions_of_rows(tmp_path: Path) -> None:
    root = make("edra", tmp_path)
    frame = records("edra", root)
    assert frame["split"].tolist() == ["train", "validation", "test"] * 5
    # Positions, not case numbers: other numbers, and no row in the validation part, change nothing else.
    edit(root / "meta" / "meta.csv", lambda text: text.replace("\n1,", "\n900,"))
    (root / "meta" / "valid_indexes.csv").rename(root / "meta" / "Valid_Indexes.CSV")
    edit(root / "meta" / "Valid_Indexes.CSV", lambda text: "indexes\n1\n")
    frame = records("edra", root)
    assert frame["split"].dropna().tolist()[:3] == ["train", "validation", "test"]
    assert frame["split"].isna().sum() == 4


def test_edra_without_its_index_files_has_no_official_split(tmp_path: Path) -> None:
    root = make("edra", tmp_path)
    for path in (root / "meta").glob("*_indexes.csv"):
        path.unlink()
    assert records("edra", root)["split"].isna().all()
    edit_as(root / "meta" / "train_indexes.csv", "indexes\n0\n")
    assert f"'{root / 'meta' / 'valid_indexes.csv'}' is not there" in said(SPECS["edra"], root)


@pytest.mark.parametrize(
    ("indexes", "problem"),
    [
        ("indexes\n1\n15\n", "'15' on line 3 of '{}' is no row of 'meta.csv', which has 15, the first being 0"),
        ("indexes\n-1\n", "'-1' on line 2 of '{}' is no row"),
        ("indexes\n1\n\n1.5\n", "'1.5' on line 4 of '{}' is no row"),
        ("indexes\nfirst\n", "'first' on line 2 of '{}' is no row"),
        (f"indexes\n{'9' * 5000}\n", "9' on line 2 of '{}' is no row"),
        ("indexes\n1\n4\n1\n", "'1' on line 4 of '{}' is in the part 'validation' already"),
        ("indexes\n0\n", "'0' on line 2 of '{}' is in the part 'train' already"),
        ("rows\n1\n", "'{}' has no column 'indexes'"),
    ],
)
def test_edra_names_the_line_of_a_wrong_position(indexes: str, problem: str, tmp_path: Path) -> None:
    root = make("edra", tmp_path)
    path = root / "meta" / "valid_indexes.csv"
    edit_as(path, indexes)
    assert problem.format(path) in said(SPECS["edra"], root)


def test_dermofit_finds_folders_in_either_case_and_takes_no_mask_for_a_photograph(tmp_path: Path) -> None:
    frame = records("dermofit", make("dermofit", tmp_path))
    assert frame["file"].iloc[0] == "ak/A1/A1.png"
    assert frame["file"].iloc[3] == "BCC/B1/B1.png"
    assert not frame["file"].str.contains("mask").any()
    assert "patient" not in frame


def test_dermofit_gives_each_photograph_its_own_mask(tmp_path: Path) -> None:
    root = make("dermofit", tmp_path)
    frame = records("dermofit", root)
    assert frame["mask"].iloc[0] == "ak/A1/A1mask.png"
    assert set(frame["mask"]).isdisjoint(frame["file"])
    (root / "ak" / "A1" / "A1mask.png").rename(root / "ak" / "A1" / "a1MASK.PNG")
    # A mask in a stranger's folder is not that of a photograph which has none.
    (root / "ak" / "A2" / "A2mask.png").rename(root / "ak" / "A3" / "A2mask.png")
    frame = records("dermofit", root)
    assert frame["mask"].iloc[0] == "ak/A1/a1MASK.PNG"
    assert frame["mask"].isna().tolist()[:3] == [False, True, False]


def test_dermofit_without_masks_has_no_column_of_them(tmp_path: Path) -> None:
    root = make("dermofit", tmp_path)
    for mask in root.rglob("*mask.png"):
        mask.unlink()
    assert "mask" not in records("dermofit", root)


def test_dermai_reads_what_a_spreadsheet_writes(tmp_path: Path) -> None:
    frame = records("dermai", make("dermai", tmp_path))
    assert frame["case_id"].tolist()[:3] == ["SebKer-1", "SebKer-1-2", "SebKer-2"]
    assert frame["lesion"].tolist()[:3] == ["SebKer-1", "SebKer-1", "SebKer-2"]
    assert frame["image_type"].tolist()[:2] == ["macroscopic", "anatomical"]
    assert frame["age"].tolist()[:3] == [30, 31, 32]


def test_dermai_needs_no_more_than_case_file_and_class(tmp_path: Path) -> None:
    root = make("dermai", tmp_path)
    file = "SebKer-1-a.jpg"
    (root / "cases.csv").write_text(f"case,file,class,age,sex\n1,{file},SebKer,,\n2,sub\\no.jpg,Nev,x,y\n", "utf-8")
    frame = SPECS["dermai"].records(root)
    assert frame["file"].tolist() == [f"images/{file}", "images/sub/no.jpg"]
    assert frame.loc[0, ["age", "sex"]].isna().all()
    # What is no age and no sex stays, for derm to tell of.
    assert frame.loc[1, ["age", "sex"]].tolist() == ["x", "y"]


def test_dermai_takes_the_common_columns_and_the_tables_own_split(tmp_path: Path) -> None:
    trees.make_dermai(tmp_path, per_class=2, size=8)
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "M1.png").write_bytes((tmp_path / "images" / "Nev-1-a.jpg").read_bytes())
    (tmp_path / "cases.csv").write_text(
        "case,file,class,site,fitzpatrick,split,mask\n"
        "1,Nev-1-a.jpg,Nev,Left forearm,IV,Train,m1.png\n"
        "1,Nev-1-b.jpg,Nev,,,training,\n"
        "2,BCC-1-a.jpg,BCC,head/neck,2,valid,\n"
        "3,BCC-1-b.jpg,BCC,unknown,,,\n",
        encoding="utf-8",
    )
    frame = records("dermai", tmp_path)
    assert frame["split"].fillna("").tolist() == ["train", "train", "validation", ""]
    assert frame["site"].fillna("").tolist() == ["upper extremity", "", "head/neck", ""]
    assert frame["fitzpatrick"].fillna(0).tolist() == [4, 0, 2, 0]
    assert frame["mask"].fillna("").tolist() == ["masks/M1.png", "", "", ""]
    assert SPECS["dermai"].official_split


@pytest.mark.parametrize(
    ("owner", "table"),
    [
        ("dermai", "case,file,class,split\n1,a.jpg,Nev,train\n\n2,b.jpg,Nev,tset\n"),
        ("csv", "image,label,split\na.jpg,Nev,train\n\nb.jpg,Nev,tset\n"),
    ],
)
def test_a_part_that_is_none_is_refused_with_its_line(owner: str, table: str, tmp_path: Path) -> None:
    path = tmp_path / ("cases.csv" if owner == "dermai" else "records.csv")
    path.write_text(table, encoding="utf-8")
    message = said(SPECS[owner], tmp_path)
    # An empty line counts, as it does in an editor.
    assert f"'tset' in the column split on line 4 of '{path}' is none of train, validation, test" in message


def test_pad_takes_nested_parts_and_what_is_unknown_as_missing(tmp_path: Path) -> None:
    frame = records("pad-ufes-20", make("pad-ufes-20", tmp_path))
    assert frame["file"].iloc[0] == "images/imgs_part_1/imgs_part_1/PAT_1_1_1.png"
    assert frame["lesion"].tolist()[:3] == ["PAT_1/1", "PAT_1/1", "PAT_2/2"]
    assert frame["sex"].tolist()[1:3] == ["male", "female"]
    assert frame.loc[0, ["sex", "age", "fitzpatrick"]].isna().all()
    assert frame.loc[1, "fitzpatrick"] == 2
    assert frame.loc[1, "site"] == "upper extremity"


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


def test_ham_takes_the_masks_and_the_table_of_its_dataverse(tmp_path: Path) -> None:
    root = make("ham10000", tmp_path)
    edit(root / "HAM10000_metadata", lambda text: text.replace(",", "\t"))
    (root / "HAM10000_metadata").rename(root / "HAM10000_metadata.tab")
    assert records("ham10000", root)["mask"].isna().all()
    mask = root / "HAM10000_segmentations_lesion_tschandl" / "ISIC_0000002_segmentation.png"
    mask.parent.mkdir()
    mask.touch()
    masks = records("ham10000", root)["mask"]
    assert masks.dropna().to_dict() == {1: mask.relative_to(root).as_posix()}


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


def test_csv_keeps_a_split_in_its_usual_words(tmp_path: Path) -> None:
    assert SPECS["csv"].official_split
    words = ("train", "Training", "val", "valid", "DEV", "test", "", "unknown")
    rows = "".join(f"{row}.jpg,x,{word}\n" for row, word in enumerate(words))
    (tmp_path / "t.csv").write_text(f"image,label,split\n{rows}", encoding="utf-8")
    parts = SPECS["csv"].records(tmp_path)["split"]
    assert parts.tolist()[:6] == ["train", "train", "validation", "validation", "validation", "test"]
    assert parts.isna().tolist()[6:] == [True, True]


def test_csv_names_the_line_of_another_part(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("image,label,split\n1.jpg,x,train\n\n2.jpg,x,tset\n", encoding="utf-8")
    expected = f"'tset' in the column split on line 4 of '{path}' is none of train, validation, test, and not empty"
    assert expected in said(SPECS["csv"], tmp_path)


def test_csv_takes_masks_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("image,label,mask\n1.jpg,x,M\\1.png\n2.jpg,x,\n", encoding="utf-8")
    for path in ("1.jpg", "2.jpg", "m/1.PNG"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    masks = records("csv", tmp_path)["mask"]
    assert masks.dropna().tolist() == ["m/1.PNG"]


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
        ("fitzpatrick17k", "nine_partition_label"),
        ("ddi", "malignant"),
        ("scin", "image_1_path"),
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
        (b"case,file,class\n1,N\xe4vus.jpg,Nev\n", "line 2 has the byte 0xe4, '\u00e4' in Windows-1252"),
        ("case,file,class\n1,a.jpg,Nev\n".encode("utf-16-le"), "seems to be UTF-16 without a byte order mark"),
        (b"PK\x03\x04 xl/workbook.xml", "is an Excel workbook, so it is not CSV in UTF-8: save it as CSV in UTF-8"),
        (b"<!DOCTYPE html><title>Sign in</title>", "is a web page"),
        (b"case,blob,class\n1,a.jpg,Nev\n", "has no column 'file', but 'case', 'blob', 'class'."),
        (b"case,fil,class\n1,a.jpg,Nev\n", "has no column 'file', but 'case', 'fil', 'class' (Did you mean 'fil'?)."),
        (b"Photographs of May\n\ncase,file\n1,a.jpg\n", "has no column 'class', but 'case', 'file' (Did"),
    ],
)
def test_a_broken_table_is_told(content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(content)
    message = said(SPECS["dermai"], tmp_path)
    assert f"'{tmp_path / 'cases.csv'}'" in message
    assert problem in message
    assert "images/<file>" not in message, "the layout is right: the fault is in the table"


@pytest.mark.parametrize("workbook", ["cases.xlsx", "May.xlsx", "CASES.XLS"])
def test_a_workbook_in_place_of_the_table_is_told_what_to_do(workbook: str, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("no workbook")
    (tmp_path / workbook).write_bytes(b"\xd0\xcf\x11\xe0" if workbook.endswith("S") else b"PK\x03\x04 xl/workbook.xml")
    message = said(SPECS["dermai"], tmp_path)
    assert f"'{tmp_path / 'cases.csv'}' is not there, and '{workbook}' is an Excel workbook: save it as CSV" in message


TABLE = "case,patient,file,class,age\n1,P1,a.jpg,Nev,40.5\n2,P2,sub/Nävus.jpg,MM,\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.replace(",", ";").replace(".5", ",5").encode(),
        TABLE.replace(",", "\t").encode("utf-16"),
        TABLE.replace(",", "|").replace("\n", "\r\n").encode("utf-32"),
        ("sep=;\n" + TABLE.replace(",", ";")).encode(),
        ('"sep=|",,,\n' + TABLE.replace(",", "|")).encode(),
        ("Photographs of the clinic, May;;;;\n\n# by A. B.\n" + TABLE.replace(",", ";")).encode(),
        TABLE.replace("\n", "\r").encode(),
        (TABLE + ",,,,\ncase,patient,file,class,age\n").encode(),
        TABLE.replace("case,patient,file,class,age", " Case,PATIENT,File , Class,Age").encode(),
    ],
    ids=range(11),
)
def test_a_table_of_one_s_own_is_read_as_programs_write_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_bytes(content)
    frame = SPECS["dermai"].records(tmp_path)
    assert frame["file"].tolist() == ["images/a.jpg", "images/sub/Nävus.jpg"]
    assert frame["label"].tolist() == ["Nev", "MM"]
    assert frame["patient"].tolist() == ["P1", "P2"]
    assert frame["age"].tolist()[0] == 40.5


@pytest.mark.parametrize(("content", "problem"), [("\n", "has no lines"), ("1 A1\n", "'1 A1' in ")])
def test_a_broken_list_of_dermofit_is_told(content: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "lesionlist.txt").write_text(content, encoding="utf-8")
    assert problem in said(SPECS["dermofit"], tmp_path)


def test_what_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make("pad-ufes-20", tmp_path)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
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
