"""The ISIC sets: one-hot labels, '_downsampled' names, parts, duplicates, and whatever comes from the archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from derm_cli.plugin import DatasetSpec, DermError, covering_class, known_diagnoses
from derm_cli.plugin.testing import check_dataset
from derm_datasets import diagnoses, isic, isic_2018, isic_2019, isic_2020, isic_archive
from tests.support import isic_trees

CHALLENGES = {
    isic_2018.SPEC: (isic_trees.make_isic_2018, "ISIC2018_Task3_Test_GroundTruth/ISIC2018_Task3_Test_GroundTruth.csv"),
    isic_2019.SPEC: (isic_trees.make_isic_2019, "ISIC_2019_Test_GroundTruth.csv"),
}


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def said(spec: DatasetSpec, root: Path) -> str:
    with pytest.raises(DermError) as caught:
        spec.records(root)
    return str(caught.value)


def labels_of(table: str) -> list[str]:
    rows = [row.split(",") for row in table.split()]
    return isic.one_hot_labels(
        pd.DataFrame([[cell or None for cell in row] for row in rows], columns=["a", "b", "c"]), "ABC"
    )


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ("1.0,0.0,0.0", "A"),
        ("0,1,0", "B"),
        ("0.0,,1.0", "C"),
        ("0.0,0.0,0.0", ""),
        (",,", ""),
        ("1.0,1.0,0.0", ""),
        ("0.9,0.1,0.0", ""),
        ("1.0,0.5,0.5", ""),
        ("2.0,-1.0,0.0", ""),
        ("1.0,x,0.0", ""),
        ("yes,0,0", ""),
    ],
)
def test_a_one_hot_row_has_a_label_where_it_is_certain(row: str, label: str) -> None:
    assert labels_of(row) == [label]


def test_rows_of_every_kind_stand_side_by_side() -> None:
    assert labels_of("1.0,0,0 x,x,x 0,0,1 1,1,1") == ["A", "", "C", ""]


@pytest.mark.parametrize("spec", CHALLENGES, ids=lambda spec: spec.name)
def test_an_uncertain_row_is_kept_without_a_label(spec: DatasetSpec, tmp_path: Path) -> None:
    make, table = CHALLENGES[spec]
    root = make(tmp_path, per_class=3, size=8)
    before = check_dataset(spec, root)
    edit(root / table, lambda text: text.replace("1.0", "0.0", 1).replace("0.0\n", "1.0\n", 2))
    after = spec.records(root)
    assert list(after["case_id"]) == list(before["case_id"])
    assert set(after["label"]) == {*before["label"], *(() if spec is isic_2018.SPEC else ("UNK",)), ""}
    assert set(after.loc[after["label"] == "", "diagnosis"]) == {""}


@pytest.mark.parametrize("spec", CHALLENGES, ids=lambda spec: spec.name)
def test_a_challenge_keeps_its_parts_and_names_them(spec: DatasetSpec, tmp_path: Path) -> None:
    make, table = CHALLENGES[spec]
    root = make(tmp_path, per_class=6, size=8)
    frame = check_dataset(spec, root)
    counts = frame.groupby(["label", "split"]).size().unique().tolist()
    parts = ["test", "train", "validation"] if spec is isic_2018.SPEC else ["test", "train"]
    assert sorted(frame["split"].unique()) == parts
    assert counts == [2] if spec is isic_2018.SPEC else sorted(counts) == [2, 4]
    year = spec.name.removeprefix("isic-")
    assert f"ISIC Challenge {year}" in spec.official_split
    # Without the labels of the test part there is no official split.
    (root / table).unlink()
    left = check_dataset(spec, root)
    assert "split" not in left
    assert set(left["case_id"]) == set(frame.loc[frame["split"] != "test", "case_id"])


@pytest.mark.parametrize("spec", CHALLENGES, ids=lambda spec: spec.name)
def test_a_challenge_without_any_labels_is_told(spec: DatasetSpec, tmp_path: Path) -> None:
    make, _ = CHALLENGES[spec]
    root = make(tmp_path, per_class=3, size=8)
    for table in root.rglob("*GroundTruth.csv"):
        table.unlink()
    stem = "ISIC2018_Task3" if spec is isic_2018.SPEC else "ISIC_2019"
    assert f"'{root / stem}_Training_GroundTruth.csv' is not there" in said(spec, root)


@pytest.mark.parametrize(
    ("spec", "column"),
    [
        (isic_2018.SPEC, "image"),
        (isic_2018.SPEC, "VASC"),
        (isic_2019.SPEC, "image"),
        (isic_2019.SPEC, "SCC"),
        (isic_2019.SPEC, "UNK"),
    ],
    ids=str,
)
def test_a_missing_column_of_labels_is_named(spec: DatasetSpec, column: str, tmp_path: Path) -> None:
    make, table = CHALLENGES[spec]
    root = make(tmp_path, per_class=3, size=8)
    edit(root / table, lambda text: text.replace(column, "other", 1))
    assert f"'{root / table}' has no column '{column.lower()}'" in said(spec, root)


def test_isic_2018_groups_lesions_and_finds_what_is_nested(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2018(tmp_path, per_class=6, size=8)
    frame = check_dataset(isic_2018.SPEC, root)
    first = frame.iloc[0]
    assert first["case_id"] == "ISIC_0000000"
    assert first["file"] == "ISIC2018_Task3_Training_Input/ISIC2018_Task3_Training_Input/ISIC_0000000.jpg"
    assert set(frame["image_type"]) == {"dermoscopic"}
    training = frame["split"] == "train"
    assert frame.loc[training, "lesion"].value_counts().unique().tolist() == [2]
    assert frame.loc[~training, "lesion"].isna().all()
    # Bowen's disease and actinic keratoses have no place in common, as in HAM10000.
    assert [each.name for each in isic_2018.CLASSES] == ["MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"]


def test_isic_2018_takes_the_test_part_of_the_harvard_dataverse(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2018(tmp_path, per_class=3, size=8)
    folder = root / "ISIC2018_Task3_Test_GroundTruth"
    (folder / "ISIC2018_Task3_Test_GroundTruth.csv").unlink()
    (root / "ISIC2018_Task3_Test_GroundTruth.tab").write_text(
        "lesion_id\timage_id\tdx\tdx_type\tage\tsex\tlocalization\n"
        '"HAMTEST_0"\t"ISIC_0000002"\t"mel"\t"histo"\t45.0\t"female"\t"scalp"\n'
        '"HAMTEST_1"\t"ISIC_0100002"\t""\t"histo"\t\t"unknown"\t"unknown"\n',
        encoding="utf-8",
    )
    (root / "ISIC2018_Task3_Test_Input").rename(root / "ISIC2018_Task3_Test_Images")
    frame = isic_2018.SPEC.records(root)
    tested = frame[frame["split"] == "test"].set_index("case_id")
    assert tested["label"].tolist() == ["MEL", ""]
    assert (root / tested["file"].iloc[0]).is_file()
    mel = tested.loc["ISIC_0000002"]
    assert mel[["lesion", "sex", "age", "site"]].tolist() == ["HAMTEST_0", "female", 45.0, "head/neck"]
    assert tested.loc["ISIC_0100002", ["sex", "age", "site"]].isna().all()


def test_isic_2019_takes_downsampled_names_with_and_without(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2019(tmp_path, per_class=6, size=8)
    frame = check_dataset(isic_2019.SPEC, root)
    assert not frame["case_id"].str.contains("downsampled").any()
    melanomas = frame[frame["label"] == "MEL"].set_index("case_id")
    listed = (root / "ISIC_2019_Training_GroundTruth.csv").read_text(encoding="utf-8")
    for case, named in (("ISIC_0000000", "ISIC_0000000_downsampled"), ("ISIC_0000001", "ISIC_0000001")):
        assert f"{case}_downsampled," in listed
        assert melanomas.loc[case, "file"] == f"ISIC_2019_Training_Input/{named}.jpg"
    assert melanomas.loc["ISIC_0000002", "file"] == "ISIC_2019_Test_Input/ISIC_0000002_downsampled.jpg"
    assert "ISIC_0000002_downsampled" not in (root / "ISIC_2019_Test_GroundTruth.csv").read_text(encoding="utf-8")
    # Metadata bear the plain name, whatever the table of labels has.
    assert melanomas.loc["ISIC_0000000", ["site", "sex"]].tolist() == ["anterior torso", "female"]
    assert melanomas.loc["ISIC_0000001", ["site", "age"]].isna().tolist() == [True, False]
    assert melanomas["site"].tolist()[-1] == "palms/soles"
    assert melanomas["lesion"].isna().tolist() == [True, False, False, False, True, True]
    assert set(frame.loc[frame["split"] == "test", "lesion"].isna()) == {True}


def test_isic_2019_does_not_learn_what_is_none_of_its_classes(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2019(tmp_path, per_class=3, size=8)
    edit(
        root / "ISIC_2019_Test_GroundTruth.csv", lambda text: text.replace("1.0", "0.0", 1).replace("0.0\n", "1.0\n", 1)
    )
    frame = isic_2019.SPEC.records(root)
    assert frame["label"].value_counts()["UNK"] == 1
    assert "UNK" not in {each.name for each in isic_2019.CLASSES}
    assert frame.loc[frame["label"] == "UNK", "diagnosis"].tolist() == [""]


def test_isic_2019_needs_no_metadata(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2019(tmp_path, per_class=3, size=8)
    for table in root.glob("*Metadata.csv"):
        table.unlink()
    assert not {"age", "sex", "site", "lesion"} & set(check_dataset(isic_2019.SPEC, root))


def test_isic_2020_has_benign_lesions_of_unknown_diagnosis(tmp_path: Path) -> None:
    frame = check_dataset(isic_2020.SPEC, isic_trees.make_isic_2020(tmp_path, per_class=4, size=8))
    assert frame["label"].tolist() == ["melanoma"] * 4 + ["benign"] * 4
    benign = [diagnoses.BENIGN, diagnoses.NEVUS, diagnoses.SEBORRHEIC_KERATOSIS, diagnoses.LENTIGO]
    assert frame["diagnosis"].tolist() == [diagnoses.MELANOMA] * 4 + benign
    assert frame["patient"].tolist() == [f"IP_{row // 2:07}" for row in range(8)]
    assert frame["site"].tolist()[:1] == ["torso"]
    assert frame["sex"].isna().tolist()[:3] == [False, False, True]
    assert "split" not in frame


@pytest.mark.parametrize(
    ("verdict", "diagnosis", "label", "place"),
    [
        ("benign", "other", "benign", diagnoses.BENIGN),
        ("benign", "cafe-au-lait macule", "benign", isic.DIAGNOSES["cafe-au-lait macule"]),
        ("benign", "atypical melanocytic proliferation", "benign", ""),
        ("benign", "melanoma", "benign melanoma", ""),
        ("benign", "basal cell carcinoma", "benign basal cell carcinoma", ""),
        ("malignant", "unknown", "malignant unknown", ""),
        ("", "", "", ""),
    ],
)
def test_isic_2020_labels_what_both_columns_say(
    verdict: str, diagnosis: str, label: str, place: str, tmp_path: Path
) -> None:
    root = isic_trees.make_isic_2020(tmp_path, per_class=2, size=8)
    edit(root / isic_2020.TABLES[0], lambda text: text.replace("unknown,benign", f"{diagnosis},{verdict}"))
    frame = isic_2020.SPEC.records(root)
    assert frame.loc[2, ["label", "diagnosis"]].tolist() == [label, place]


def test_isic_2020_joins_listed_duplicates_in_one_lesion(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2020(tmp_path, per_class=4, size=8)
    lesions = check_dataset(isic_2020.SPEC, root)["lesion"]
    assert lesions.iloc[4] == lesions.iloc[7]
    assert lesions.nunique() == 7
    # A chain of pairs, whatever their order, is one lesion.
    chain = (
        "image_name_1,image_name_2\nISIC_0000000,ISIC_0000001\nISIC_0000003,ISIC_0000002\nISIC_0000002,ISIC_0000001\n"
    )
    (root / isic_2020.DUPLICATES).write_text(chain, encoding="utf-8")
    lesions = check_dataset(isic_2020.SPEC, root)["lesion"]
    assert len(set(lesions.iloc[:4])) == 1
    assert lesions.iloc[4:].tolist() == [f"IL_{row:07}" for row in range(4, 8)]
    # The first release of the table has no lesions.
    edit(root / isic_2020.TABLES[0], lambda text: text.replace("lesion_id", "other", 1))
    (root / isic_2020.TABLES[0]).rename(root / isic_2020.TABLES[1])
    lesions = check_dataset(isic_2020.SPEC, root)["lesion"]
    assert len(set(lesions.iloc[:4])) == 1
    assert lesions.iloc[4:].isna().all()


def test_isic_2020_is_read_as_the_competition_ships_it(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2020(tmp_path, per_class=2, size=8)
    (root / "ISIC_2020_Training_JPEG").rename(root / "jpeg")
    (root / isic_2020.DUPLICATES).unlink()
    (root / isic_2020.TABLES[0]).rename(root / "train.csv")
    (root / "test.csv").write_text("image_name,patient_id\nISIC_1,IP_1\n", encoding="utf-8")
    frame = check_dataset(isic_2020.SPEC, root)
    assert frame["file"].iloc[0] == "jpeg/train/ISIC_0000000.jpg"
    assert len(frame) == 4


@pytest.mark.parametrize("column", ["image_name", "patient_id", "diagnosis", "benign_malignant"])
def test_isic_2020_names_a_missing_column(column: str, tmp_path: Path) -> None:
    root = isic_trees.make_isic_2020(tmp_path, per_class=2, size=8)
    table = root / isic_2020.TABLES[0]
    edit(table, lambda text: text.replace(column, "other", 1))
    assert f"'{table}' has no column '{column}'" in said(isic_2020.SPEC, root)
    table.unlink()
    assert f"'{table}' is not there" in said(isic_2020.SPEC, root)


def test_the_archives_older_words_are_places_of_the_hierarchy() -> None:
    from isic_metadata.fields import LegacyDxEnum

    assert set(isic.DIAGNOSES.values()) <= known_diagnoses()
    assert {word.value.lower() for word in LegacyDxEnum} - set(isic.DIAGNOSES) == {"adnexal tumor", "other"}


def test_the_archive_is_read_as_isic_cli_writes_it(tmp_path: Path) -> None:
    frame = check_dataset(isic_archive.SPEC, isic_trees.make_isic_archive(tmp_path, per_class=4, size=8))
    melanomas = frame[frame["label"] == "MEL"]
    assert set(melanomas["diagnosis"]) == {isic_trees.ISIC_ARCHIVE["MEL"]}
    assert melanomas["image_type"].tolist() == ["dermoscopic", "macroscopic", "macroscopic", "anatomical"]
    assert melanomas["fitzpatrick"].tolist()[:3] == [1, 4, 6]
    assert melanomas["age"].tolist()[:2] == [85, 40]
    assert melanomas[["age", "fitzpatrick"]].isna().to_numpy().tolist()[2:] == [[True, False], [False, True]]
    assert melanomas["site"].tolist() == ["head/neck", "lateral torso", "palms/soles", "head/neck"]
    assert melanomas["patient"].nunique() == 2
    assert set(melanomas["licence"]) == {"CC-BY-NC"}
    assert set(melanomas["attribution"]) == {"Anonymous"}
    assert frame["file"].tolist()[:2] == ["moved/ISIC_0000000.JPG", "ISIC_0000001.jpg"]


def test_every_diagnosis_of_the_hierarchy_has_one_of_the_eleven_categories() -> None:
    left = {place for place in known_diagnoses() if not covering_class(isic_archive.ELEVEN, place)}
    undecided = {place for place in left if place.startswith(diagnoses.INDETERMINATE_MELANOCYTIC)}
    assert left - undecided == {"Benign", "Indeterminate", "Malignant"}
    chosen = {
        "Malignant:Malignant epidermal proliferations:Squamous cell carcinoma, NOS": "SCCKA",
        "Malignant:Malignant epidermal proliferations:Squamous cell carcinoma in situ": "AKIEC",
        "Benign:Benign epidermal proliferations:Epidermal nevus": "BEN_OTH",
        "Benign:Benign epidermal proliferations:Clear cell acanthoma": "BKL",
        "Benign:Benign melanocytic proliferations:Lentigo simplex": "BEN_OTH",
        "Benign:Flat melanotic pigmentations - not melanocytic nevus:Ephelis": "BEN_OTH",
        "Malignant:Malignant adnexal epithelial proliferations - Follicular:Baso-squamous carcinoma": "MAL_OTH",
        "Malignant:Malignant soft tissue proliferations - Vascular:Kaposi sarcoma": "MAL_OTH",
    }
    assert {place: covering_class(isic_archive.ELEVEN, place) for place in chosen} == chosen


def write(root: Path, table: str, name: str = "metadata.csv") -> Path:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(table, encoding="utf-8")
    return root


def test_the_archives_diagnoses_are_told_by_the_finest_level_that_is_known(tmp_path: Path) -> None:
    nevus = "Benign,Benign melanocytic proliferations,Nevus"
    table = (
        "isic_id,diagnosis_1,diagnosis_2,diagnosis_3,diagnosis_4,image_type,image_manipulation\n"
        f"a,{nevus},,,\nb,{nevus},A kind of next year,,\nc,Benign,,,,,\nd,,,,,,\ne,Of next year,,,,,\n"
        f"f,{nevus},,RCM: tile,\ng,{nevus},,dermoscopic,synthetic\n"
    )
    frame = isic_archive.SPEC.records(write(tmp_path, table))
    assert frame["label"].tolist() == ["NV", "NV", "Benign", "", "", "RCM: tile", "synthetic"]
    assert frame["diagnosis"].tolist() == [
        diagnoses.NEVUS,
        diagnoses.NEVUS,
        "Benign",
        "",
        "",
        diagnoses.NEVUS,
        diagnoses.NEVUS,
    ]
    assert isic_archive.MALIGNANCY_SPEC.records(tmp_path)["label"].tolist()[:5] == ["benign"] * 3 + ["", ""]


def test_older_downloads_tell_diagnoses_in_words(tmp_path: Path) -> None:
    table = (
        "isic_id,diagnosis,benign_malignant\na,nevus,benign\nb,AIMP,indeterminate\nc,,malignant\nd,other,benign\n"
        "e,,indeterminate/malignant\nf,,\n"
    )
    root = write(tmp_path, table, "collection_70_metadata_2024-02-24.csv")
    aimp = isic.DIAGNOSES["aimp"]
    frame = isic_archive.SPEC.records(root)
    assert frame["diagnosis"].tolist() == [diagnoses.NEVUS, aimp, "Malignant", "Benign", "Indeterminate", ""]
    assert frame["label"].tolist() == ["NV", aimp, "Malignant", "Benign", "Indeterminate", ""]
    labels = isic_archive.MALIGNANCY_SPEC.records(root)["label"].tolist()
    assert labels == ["benign", "indeterminate", "malignant", "benign", "indeterminate", ""]


def test_several_downloads_lie_in_folders_of_their_own(tmp_path: Path) -> None:
    isic_trees.make_isic_archive(tmp_path / "one", per_class=3, size=8)
    isic_trees.make_isic_archive(tmp_path / "two", per_class=3, size=8)
    edit(tmp_path / "two" / "metadata.csv", lambda text: text.replace("ISIC_", "ISIC_9").replace("image_type", "other"))
    for path in [*(tmp_path / "two").rglob("ISIC_*")]:
        path.rename(path.with_name(path.name.replace("ISIC_", "ISIC_9")))
    frame = check_dataset(isic_archive.SPEC, tmp_path)
    assert len(frame) == 66
    assert frame["image_type"].isna().sum() == 33
    assert frame["file"].str.partition("/")[0].value_counts().to_dict() == {"one": 33, "two": 33}


def test_a_photograph_beside_its_own_table_goes_first(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write(tmp_path, "isic_id,diagnosis\na,nevus\n", f"{folder}/metadata.csv")
        (tmp_path / folder / "a.jpg").touch()
    assert isic_archive.SPEC.records(tmp_path)["file"].tolist() == ["one/a.jpg", "two/a.jpg"]


@pytest.mark.parametrize("spec", [isic_archive.SPEC, isic_archive.MALIGNANCY_SPEC], ids=lambda spec: spec.name)
def test_a_download_without_diagnoses_is_told(spec: DatasetSpec, tmp_path: Path) -> None:
    path = write(tmp_path, "isic_id,sex\na,male\n") / "metadata.csv"
    message = said(spec, tmp_path)
    assert message.startswith(f"Dataset '{spec.name}': '{path}' has no column 'diagnosis_1'")
    write(tmp_path, "image,diagnosis\na,nevus\n")
    assert f"'{path}' has no column 'isic_id'" in said(spec, tmp_path)
    path.rename(tmp_path / "other.csv")
    assert f"'{path}' is not there" in said(spec, tmp_path)


def test_malignancy_alone_is_a_choice(tmp_path: Path) -> None:
    frame = check_dataset(isic_archive.MALIGNANCY_SPEC, isic_trees.make_isic_archive(tmp_path, per_class=2, size=8))
    assert frame["label"].value_counts().to_dict() == {"benign": 12, "malignant": 8, "indeterminate": 2}


def test_isic_2020_takes_a_list_of_other_photographs(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2020(tmp_path, per_class=2, size=8)
    (root / isic_2020.DUPLICATES).write_text("image_name_1,image_name_2\nx,y\nz,\n", encoding="utf-8")
    assert check_dataset(isic_2020.SPEC, root)["lesion"].tolist() == [f"IL_{row:07}" for row in range(4)]


def test_a_challenge_of_uncertain_labels_alone_is_read(tmp_path: Path) -> None:
    root = isic_trees.make_isic_2019(tmp_path, per_class=2, size=8)
    edit(root / "ISIC_2019_Training_GroundTruth.csv", lambda text: text.replace("1.0", "0.5"))
    frame = isic_2019.SPEC.records(root)
    assert set(frame["label"]) == set(frame["diagnosis"]) == {""}
