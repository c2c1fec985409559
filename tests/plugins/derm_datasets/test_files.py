"""What loaders share: spellings are translated, what is not understood stays, files and lines are found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pandas as pd
import pytest

from derm_cli.plugin.missing import UNKNOWN_WORDS
from derm_datasets import derm_datasets, folder
from derm_datasets.files import DatasetFiles
from derm_datasets.metadata_values import parse_value
from derm_datasets.records import as_records
from derm_datasets.splits import split_part
from tests.support.dataset_makers import MAKERS


@pytest.mark.parametrize(
    ("column", "written", "value"),
    [
        ("age", "40", 40),
        ("age", " 40.0 ", 40),
        ("age", "2,5", 2.5),
        ("age", "85+", 85),
        ("age", "0", 0),
        ("age", "-3", -3),
        ("age", "1987", 1987),
        ("age", "forty", "forty"),
        ("age", "1,000", "1,000"),
        ("age", "1_0", "1_0"),
        ("age", "inf", "inf"),
        ("age", "+", "+"),
        ("age", 40, 40),
        ("age", 40.5, 40.5),
        ("age", True, "True"),
        ("fitzpatrick", "IV", 4),
        ("fitzpatrick", "vi", 6),
        ("fitzpatrick", "Type II", 2),
        ("fitzpatrick", "Fitzpatrick skin type 3", 3),
        ("fitzpatrick", "FST_1", 1),
        ("fitzpatrick", "2.0", 2),
        ("fitzpatrick", "7", 7),
        ("fitzpatrick", "VII", "VII"),
        ("fitzpatrick", "III-IV", "III-IV"),
        ("sex", "F", "female"),
        ("sex", "MALE", "male"),
        ("sex", "Woman", "female"),
        ("sex", "X", "x"),
        ("sex", "Other", "other"),
        ("site", "BACK", "posterior torso"),
        ("site", "Elsewhere", "elsewhere"),
        ("image_type", "Dermatoscopic", "dermoscopic"),
        ("image_type", "clinical: close-up", "macroscopic"),
        ("image_type", "clinical: overview", "anatomical"),
        ("image_type", "TBP tile: close-up", "macroscopic"),
        ("image_type", "TBP tile: overview", "anatomical"),
        ("image_type", "CLOSE_UP", "macroscopic"),
        ("image_type", "AT_DISTANCE", "anatomical"),
        ("image_type", "clinical", "clinical"),
        ("image_type", "RCM: tile", "rcm: tile"),
        ("patient", "P 1", "P 1"),
        ("lesion", "12345678901234567890", "12345678901234567890"),
    ],
)
def test_a_spelling_is_translated_and_the_rest_stays(column: str, written: object, value: object) -> None:
    assert parse_value(column, written) == value
    assert type(parse_value(column, written)) is (float if isinstance(value, int | float) else str)


@pytest.mark.parametrize("column", ["age", "fitzpatrick", "sex", "site", "image_type", "patient", "lesion"])
def test_whatever_means_unknown_is_missing(column: str) -> None:
    for word in UNKNOWN_WORDS:
        assert parse_value(column, word.upper()) is None


def test_numbers_are_numbers_where_all_of_them_are() -> None:
    given = {"case_id": ["1", "2", "3"], "age": ["40", None, "unknown"], "fitzpatrick": ["2", "x", ""]}
    frame = as_records(pd.DataFrame(given))
    assert frame["age"].dtype == "float64"
    assert frame["age"].tolist()[0] == 40
    assert frame["age"].isna().tolist() == [False, True, True]
    assert frame["fitzpatrick"].tolist()[:2] == [2, "x"]
    assert frame["fitzpatrick"].isna().tolist() == [False, False, True]


def test_an_impossible_age_stays_for_derm_to_tell_of() -> None:
    frame = as_records(pd.DataFrame({"case_id": ["1"], "age": ["1987"], "fitzpatrick": [0], "sex": ["x"]}))
    assert frame.loc[0, ["age", "fitzpatrick", "sex"]].tolist() == [1987, 0, "x"]


def test_what_a_loader_adds_beside_stays_as_it_is() -> None:
    frame = as_records(pd.DataFrame({"case_id": [None], "file": ["a"], "split": ["train"], "camera": ["N/A"]}))
    assert frame.loc[0].tolist() == ["", "a", "train", "N/A"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("train", ("train", "Training", " TRAIN ")),
        ("validation", ("validation", "val", "Valid", "dev", "development")),
        ("test", ("test", "Testing", "held-out")),
        (None, ("", None, "unknown", "NA")),
    ],
)
def test_parts_of_a_split_are_known_by_their_usual_words(part: str | None, words: tuple[str | None, ...]) -> None:
    assert {split_part(word) for word in words} == {part}


def test_another_part_of_a_split_is_not_known() -> None:
    with pytest.raises(KeyError):
        split_part("tset")


def test_the_expected_file_goes_before_others_of_its_name(tmp_path: Path) -> None:
    for path in ("a/x.JPG", "b/X.jpg", "c/y.jpg"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).touch()
    files = DatasetFiles(folder.SPEC, tmp_path)
    assert files.path_of("x.jpg", "b/x.jpg") == "b/X.jpg"
    assert files.path_of("x.jpg", "elsewhere/x.jpg") == "a/x.JPG"
    assert files.path_of("z.jpg", "elsewhere/z.jpg") == "elsewhere/z.jpg"
    assert files.find("Y.JPG") == "c/y.jpg"
    assert files.find("z.jpg") is None
    assert files.exists("C/Y.jpg")
    assert not files.exists("y.jpg")


def test_the_line_of_a_row_counts_empty_ones_and_breaks_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('\na,b\n\n1,"x\ny"\n,\n2,z\n', encoding="utf-8")
    files = DatasetFiles(folder.SPEC, tmp_path)
    assert files.read_table(path, "a")["a"].tolist() == ["1", "2"]
    assert [files.line_number(path, row) for row in (0, 1)] == [5, 7]


def test_a_column_in_which_nothing_is_known_is_text_all_the_same() -> None:
    frame = as_records(pd.DataFrame({"case_id": ["1"], "label": [None], "diagnosis": [float("nan")], "age": [None]}))
    assert frame.loc[0, ["label", "diagnosis"]].tolist() == ["", ""]
    assert frame["age"].isna().all()


def test_columns_without_a_name_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",a,,B\n0,1,2,3\n", encoding="utf-8")
    table = DatasetFiles(folder.SPEC, tmp_path).read_table(tmp_path / "t.csv", "a", "b")
    assert table.to_dict("list") == {"a": ["1"], "b": ["3"]}


@pytest.fixture
def files(tmp_path: Path) -> DatasetFiles:
    for path in ("images/1.jpg", "images/2.jpg", "images/3.jpeg", "masks/4.png", "a/5.jpg", "b/5.jpg"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    return DatasetFiles(folder.SPEC, tmp_path)


@pytest.mark.parametrize(
    ("written", "located", "count"),
    [
        (["images/1.jpg", "IMAGES/2.JPG", ""], ["images/1.jpg", "images/2.jpg", ""], 0),
        (["1.jpg", "clinic/images/2.jpg", "C:\\x\\3.jpg"], ["images/1.jpg", "images/2.jpg", "images/3.jpeg"], 3),
        (["1.jpg", "1.jpg"], ["images/1.jpg", "images/1.jpg"], 1),
        # Named by another row, meant by two, or by none alone.
        (["1.jpg", "images/1.jpg"], ["1.jpg", "images/1.jpg"], 0),
        (["1.jpg", "1.heic"], ["1.jpg", "1.heic"], 0),
        (["5.jpg", "gone.jpg", "../images/1.jpg"], ["5.jpg", "gone.jpg", "../images/1.jpg"], 0),
        (["4.png"], ["4.png"], 0),
    ],
)
def test_a_path_that_names_no_file_is_the_one_that_it_alone_can_mean(
    files: DatasetFiles, capsys: pytest.CaptureFixture[str], written: list[str], located: list[str], count: int
) -> None:
    assert files.located(Path("records.csv"), written, others=["masks/4.png"]) == located
    said = capsys.readouterr().err
    assert said.count("Warning") == bool(count)
    assert f"{count} paths of photographs in 'records.csv'" in said or not count
    files.located(Path("records.csv"), written, others=["masks/4.png"], warns=False)
    assert not capsys.readouterr().err


def test_a_publishers_photograph_may_have_another_ending_of_its_format(files: DatasetFiles) -> None:
    assert files.path_of("3.jpg", "images/3.jpg") == "images/3.jpeg"
    assert files.path_of("4.jpg", "images/4.jpg") == "images/4.jpg"


NESTED = [name for name in MAKERS if name not in ("folder", "isic-archive")]
"""Layouts whose tables name photographs; the others take what is on disk."""


def read(name: str, root: Path) -> pd.DataFrame:
    spec = next(each for each in derm_datasets() if each.name == name)
    return spec.records(root)


def labels_by_content(name: str, root: Path, column: str = "file") -> Counter[tuple[bytes, str]]:
    """Return the contents of photographs, or masks, with their labels; those of files that are not there are empty."""
    frame = read(name, root)
    contents = (root / file for file in frame[column])
    return Counter(
        (path.read_bytes() if path.is_file() else b"", label)
        for path, label in zip(contents, frame["label"], strict=True)
    )


def moved(root: Path, files: Iterable[str], way: str) -> None:
    """Move each file one folder lower or higher, or give it another ending or Unicode form, blanks or capitals."""
    for file in dict.fromkeys(files):
        path = root / file
        if not path.is_file():
            continue
        to = {
            "lower": path.parent / "more" / path.name,
            "higher": path.parent.parent / path.name,
            "ending": path.with_suffix(".jpeg"),
            "capitals": path.with_name(path.name.upper()),
            "blank": path.with_name(f" {path.name}\u00a0"),
            "invisible": path.with_name(f"\u200b{path.name}"),
        }[way]
        to.parent.mkdir(exist_ok=True)
        path.rename(to)


@pytest.mark.parametrize("way", ["lower", "higher", "ending", "capitals", "blank", "invisible"])
@pytest.mark.parametrize("name", NESTED)
def test_every_reader_finds_photographs_that_lie_nearly_where_its_layout_has_them(
    tmp_path: Path, name: str, way: str
) -> None:
    """One folder lower or higher, as another format, or with a name that looks the same."""
    root = MAKERS[name](tmp_path, per_class=2, size=8)
    before = labels_by_content(name, root)
    moved(root, read(name, root)["file"], way)
    assert labels_by_content(name, root) == before


PATH_COLUMNS = {
    "edra": ("meta/meta.csv", "NEL/"),
    "dermai": ("cases.csv", ""),
    "pad-ufes-20": ("metadata.csv", ""),
    "ddi": ("ddi_metadata.csv", ""),
    "csv": ("photographs.csv", "photographs/"),
}
"""By layout, the table whose cells are paths of photographs, and how these begin."""


@pytest.mark.parametrize(
    "written", ["C:\\clinic\\{}", "\\\\server\\share\\{}", "/home/me/{}", "file:///C:/x/{}", "{} "]
)
@pytest.mark.parametrize("name", PATH_COLUMNS)
def test_every_reader_takes_paths_of_other_systems(tmp_path: Path, name: str, written: str) -> None:
    root = MAKERS[name](tmp_path, per_class=2, size=8)
    before = labels_by_content(name, root)
    table, start = PATH_COLUMNS[name]
    path = root / table

    def rewritten(match: re.Match[str]) -> str:
        inside = match[0].replace("/", "\\") if "\\" in written else match[0]
        return written.format(inside)

    text = path.read_text(encoding="utf-8")
    changed = re.sub(rf"{start}[\w-]+\.(?:jpg|png)", rewritten, text, flags=re.IGNORECASE)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert labels_by_content(name, root) == before


@pytest.mark.parametrize("name", PATH_COLUMNS)
def test_every_reader_takes_names_with_escapes_as_browsers_write_them(tmp_path: Path, name: str) -> None:
    root = MAKERS[name](tmp_path, per_class=2, size=8)
    before = labels_by_content(name, root)
    table, _ = PATH_COLUMNS[name]
    path = root / table
    for file in set(read(name, root)["file"]):
        (root / file).rename((root / file).with_name(f"my {PurePosixPath(file).name}"))
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"([\w-]+\.(?:jpg|png))", r"my%20\1", text, flags=re.IGNORECASE), encoding="utf-8")
    assert labels_by_content(name, root) == before


def with_masks(name: str, root: Path) -> None:
    """Give each photograph of a table of one's own a mask, which the table names."""
    table = root / PATH_COLUMNS[name][0]
    header, *rows = table.read_text(encoding="utf-8-sig").splitlines()
    delimiter = ";" if ";" in header else ","
    for number, row in enumerate(rows):
        mask = root / "masks" / f"m{number}.png"
        mask.parent.mkdir(exist_ok=True)
        mask.write_bytes(f"mask {number}".encode())
        rows[number] = f"{row}{delimiter}{'masks/' if name == 'csv' else ''}m{number}.png"
    table.write_text("\n".join([f"{header}{delimiter}mask", *rows]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("way", ["lower", "higher", "capitals", "blank", "bmp", "gone", "windows"])
@pytest.mark.parametrize("name", ["csv", "dermai", "dermofit", "ham10000"])
def test_every_reader_finds_masks_that_lie_nearly_where_they_are_said_to(tmp_path: Path, name: str, way: str) -> None:
    root = MAKERS[name](tmp_path, per_class=2, size=8)
    if name in PATH_COLUMNS:
        with_masks(name, root)
    elif name == "dermofit":
        for number, mask in enumerate(sorted(root.rglob("*mask.png"))):
            mask.write_bytes(f"mask {number}".encode())
    else:
        for number, case in enumerate(read(name, root)["case_id"]):
            (root / "segmentations").mkdir(exist_ok=True)
            (root / "segmentations" / f"{case}_segmentation.png").write_bytes(f"mask {number}".encode())
    before = labels_by_content(name, root, "mask")
    masks = read(name, root)["mask"].dropna()
    if way == "gone":
        # What is left is no mask of another photograph, least of all the photograph.
        for mask in masks:
            (root / mask).unlink()
        frame = read(name, root)
        assert "mask" not in frame or not any((root / mask).is_file() for mask in frame["mask"].dropna())
        return
    if way == "bmp":
        for mask in masks:
            (root / mask).rename((root / mask).with_suffix(".bmp"))
    elif way == "windows" and name in PATH_COLUMNS:
        table = root / PATH_COLUMNS[name][0]
        text = table.read_text(encoding="utf-8")
        table.write_text(re.sub(r"(?:masks/)?(m\d+\.png)", r"C:\\x\\masks\\\1", text), encoding="utf-8")
    elif way != "windows" and not (name == "dermofit" and way in ("lower", "higher")):
        moved(root, masks, way)
    assert labels_by_content(name, root, "mask") == before


def test_names_on_disk_that_look_the_same_stay_two_files(tmp_path: Path) -> None:
    for name in ("\u00e9.jpg", "e\u0301.jpg", "A.jpg", "a.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    files = DatasetFiles(folder.SPEC, tmp_path)
    for name in ("\u00e9.jpg", "e\u0301.jpg", "A.jpg", "a.jpg"):
        assert files.on_disk(name) == name
        assert files.find(name, name) == name


@pytest.mark.parametrize("written", ["caf\u00e9/\u00e5.JPG", "cafe\u0301/a\u030a.jpg", " cafe\u0301 /\u00e5.jpg\t"])
@pytest.mark.parametrize("on_disk", ["caf\u00e9/\u00e5.jpg", "cafe\u0301/a\u030a.jpg"])
def test_a_photograph_is_found_in_whatever_unicode_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], on_disk: str, written: str
) -> None:
    """MacOS writes decomposed names, spreadsheets composed ones: they are the same, and nothing is to be told of."""
    (tmp_path / on_disk).parent.mkdir()
    (tmp_path / on_disk).touch()
    files = DatasetFiles(folder.SPEC, tmp_path)
    assert files.on_disk(written) == on_disk
    assert files.exists(written)
    assert files.find(written.rpartition("/")[2], "") == on_disk
    assert files.located(Path("t.csv"), [written]) == [on_disk]
    assert not capsys.readouterr().err
