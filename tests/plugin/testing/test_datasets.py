"""The check of datasets for plugins' authors: each breach of the contract is told in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from derm_cli.plugin import DatasetSpec, LesionClass, SubgroupColumn
from derm_cli.plugin.testing import check_dataset

NEVUS = "Benign:Benign melanocytic proliferations:Nevus"
MELANOMA = "Malignant:Malignant melanocytic proliferations (Melanoma)"
CLASSES = (
    LesionClass(name="NEV", title="nevus", diagnoses=(NEVUS,)),
    LesionClass(name="MEL", title="melanoma", diagnoses=(MELANOMA,)),
)
GOOD = {
    "case_id": ["a", "b"],
    "file": ["images/a.png", "images/b.png"],
    "label": ["NEV", "MEL"],
    "diagnosis": [NEVUS, None],
    "sex": ["male", None],
    "age": [40.0, np.nan],
    "fitzpatrick": [3.0, np.nan],
    "image_type": ["clinical", "dermoscopic"],
    "site": ["back", None],
    "split": [None, "test"],
    "mask": [None, "images/a.png"],
    "camera": ["any", "column beside"],
}


@pytest.fixture
def root(tmp_path):
    """A folder with two empty files: no photograph is decoded."""
    (tmp_path / "images").mkdir()
    for name in ("a", "b"):
        (tmp_path / "images" / f"{name}.png").touch()
    return tmp_path


def dataset(table, **changes) -> DatasetSpec:
    texts = dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-")
    texts["official_split"] = "-"
    values = {"name": "set", "title": "Set", "classes": CLASSES, "modality": "clinical", **texts, **changes}
    return DatasetSpec(records=lambda _: pd.DataFrame(table), **values)


def test_a_good_dataset_gives_its_records(root):
    assert list(check_dataset(dataset(GOOD), root)["case_id"]) == ["a", "b"]


def test_a_name_that_is_no_utf_8_is_no_fault(root):
    """As in records that derm reads; pandas itself keeps texts in pyarrow, where that is installed, and fails."""
    name = "M\udce4rz.png"
    (root / "images" / name).touch()
    table = GOOD | {"file": ["images/a.png", f"images/{name}"]}
    with pd.option_context("mode.string_storage", "auto"):
        assert check_dataset(dataset(table), root)["file"].tolist() == ["images/a.png", f"images/{name}"]


def test_classes_may_be_read_from_the_folder(root):
    spec = dataset(GOOD, classes=(), read_classes=lambda folder: CLASSES if folder == root else ())
    assert len(check_dataset(spec, root)) == 2


@pytest.mark.parametrize("column", ["case_id", "file", "label", "diagnosis"])
def test_a_column_that_is_not_there_is_named(root, column):
    with pytest.raises(AssertionError, match=f"the records have no column '{column}'"):
        check_dataset(dataset({name: values for name, values in GOOD.items() if name != column}), root)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"case_id": ["a", "a"]}, "case 'a' stands twice"),
        ({"case_id": ["a", None]}, "a record has no case_id"),
        ({"case_id": ["a", 7]}, "case '7': its case_id is 7, which is no text"),
        ({"file": ["images/a.png", "images/c.png"]}, "case 'b': the file 'images/c.png' is not there"),
        ({"file": ["images/a.png", r"images\b.png"]}, "has other slashes than forward ones"),
        ({"file": ["images/a.png", "/b.png"]}, "case 'b': the file '/b.png' is not relative to the folder"),
        ({"label": ["NEV", "BCC"]}, "case 'b': the label 'BCC' is no class"),
        ({"label": ["NEV", None]}, "case 'b': the label '' is no class"),
        ({"diagnosis": ["Naevus", ""]}, "case 'a': the ISIC hierarchy has no place 'Naevus'"),
        ({"diagnosis": [MELANOMA, ""]}, "case 'a' is 'NEV', but its diagnosis falls into 'MEL'"),
        ({"diagnosis": ["Indeterminate", ""]}, "case 'a' is 'NEV', but its diagnosis falls into no class"),
        ({"sex": ["male", "unknown"]}, "sex is 'unknown', but must be one of male, female, or missing"),
        ({"age": [40.0, 1987.0]}, "age is .*1987.*, but must be years, or missing"),
        ({"age": ["40", None]}, "age is '40', but must be years"),
        ({"fitzpatrick": [3.0, 0.0]}, "fitzpatrick is .*0.0.*, but must be one of 1, 2, 3, 4, 5, 6"),
        ({"image_type": ["clinical", "phone"]}, "image_type is 'phone', but must be one of clinical, dermoscopic"),
        ({"site": ["back", ""]}, "site is '', but must be lower-case text, or missing"),
        ({"site": ["back", "Arm"]}, "site is 'Arm', but must be lower-case text"),
        ({"site": ["back", 3]}, "site is 3, but must be lower-case text"),
        ({"split": ["train", "val"]}, "split is 'val', but must be one of train, validation, test, or missing"),
        ({"mask": [None, "images/c.png"]}, "case 'b': the mask 'images/c.png' is not there"),
        ({"mask": [None, r"images\a.png"]}, "case 'b': the mask .* has other slashes than forward ones"),
        ({"mask": [None, "/a.png"]}, "case 'b': the mask '/a.png' is not relative to the folder"),
        ({"mask": [None, 7.0]}, "case 'b': its mask is 7.0, which is no text"),
        ({"file": ["images/a.png", None]}, "case 'b': its file is .*, which is no text"),
    ],
)
def test_a_record_that_breaks_the_contract_is_named(root, changes, said):
    with pytest.raises(AssertionError, match=said):
        check_dataset(dataset({**GOOD, **changes}), root)


def test_an_official_split_without_a_name_is_told_of(root):
    with pytest.raises(AssertionError, match="an official split, which official_split does not name"):
        check_dataset(dataset(GOOD, official_split=""), root)
    check_dataset(dataset({**GOOD, "split": [None, None]}, official_split=""), root)


def test_a_class_with_a_place_that_the_hierarchy_has_not_is_named(root):
    classes = (*CLASSES, LesionClass(name="X", title="x", diagnoses=("Benign:Mole",)))
    with pytest.raises(AssertionError, match="the ISIC hierarchy has no place 'Benign:Mole'"):
        check_dataset(dataset(GOOD, classes=classes), root)


def test_a_dataset_without_records_is_told_of(root):
    with pytest.raises(AssertionError, match="there are no records"):
        check_dataset(dataset({name: [] for name in GOOD}), root)


CAMERA = SubgroupColumn(name="camera", title="camera model", kind="categories", choices=("any", "column beside"))
LAMP = SubgroupColumn(name="lamp", title="lamp", kind="bins", edges=(10,), unit="lux")


@pytest.mark.parametrize(
    ("lamp", "fault"),
    [
        ([5, 20.5], None),
        ([None, 3], None),
        (None, "the records have no column 'lamp', which 'subgroups' declares: add it"),
        (["bright", 1], "a record's lamp is 'bright', but must be lux, or missing"),
    ],
)
def test_its_own_columns_of_subgroups_have_the_values_that_it_declares(root, lamp, fault):
    spec = dataset(GOOD | ({} if lamp is None else {"lamp": lamp}), subgroups=(CAMERA, LAMP))
    if fault is None:
        check_dataset(spec, root)
    else:
        with pytest.raises(AssertionError, match=fault):
            check_dataset(spec, root)


def test_a_category_that_is_not_declared_is_told_of(root):
    spec = dataset(GOOD | {"camera": ["any", "mine"]}, subgroups=(CAMERA,))
    with pytest.raises(AssertionError, match="a record's camera is 'mine', but must be one of any, column beside"):
        check_dataset(spec, root)
