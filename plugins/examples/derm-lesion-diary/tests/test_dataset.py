"""The dataset keeps its contract, and whatever is amiss with a folder is said in words that help."""

from __future__ import annotations

import pytest
from derm_cli.plugin import DermError
from derm_cli.plugin.testing import check_dataset

from derm_lesion_diary.dataset import SPEC
from derm_lesion_diary.findings import FINDINGS
from diaries import COLOURS, make_diaries, write_diary

PHOTOGRAPH = {"file": "a.png", "taken": "2024-03-11", "lens": "camera"}


@pytest.fixture
def root(tmp_path):
    return make_diaries(tmp_path / "diaries")


def test_the_records_keep_the_contract(root):
    records = check_dataset(SPEC, root)
    assert len(records) == 6 * 2 * len(FINDINGS)
    assert set(records["label"]) == {each.name for each in SPEC.classes}
    assert records["patient"].nunique() == 6
    assert records["lesion"].nunique() == 6 * len(FINDINGS)


def test_every_finding_is_drawn():
    assert set(COLOURS) == set(FINDINGS)


def test_a_record_tells_what_the_diary_tells(root):
    record = SPEC.records(root).set_index("case_id").loc["P002/7-dermatoscope.png"]
    assert record[["label", "age", "sex", "site"]].tolist() == ["melanoma", 2024 - 1951, "male", "left forearm"]
    assert record["diagnosis"].endswith(":Melanoma in situ")
    assert (record["image_type"], record["fitzpatrick"], record["lesion"]) == ("dermoscopic", 2, "P002/7")


def test_what_the_diary_does_not_tell_is_missing(root):
    records = SPEC.records(root)
    assert records.loc[records["patient"] == "P001", ["age", "sex", "fitzpatrick"]].isna().all(axis=None)


@pytest.mark.parametrize(("finding", "label"), [(None, ""), ("biopsy pending", "biopsy pending")])
def test_a_lesion_without_a_known_finding_has_no_class(tmp_path, finding, label):
    """The record is there, with a label that is no class: derm drops it and says why."""
    write_diary(tmp_path / "P001", {"lesions": [{"lesion": "1", "finding": finding, "photographs": [PHOTOGRAPH]}]})
    assert SPEC.records(tmp_path)[["label", "diagnosis"]].values.tolist() == [[label, ""]]


@pytest.mark.parametrize(
    ("diary", "said"),
    [
        ([], "is no diary"),
        ({}, "lacks 'lesions'"),
        ({"lesions": []}, "list no photograph"),
        ({"lesions": ["nevus"]}, "is no diary"),
        ({"lesions": [{"lesion": "1"}]}, "lacks 'photographs'"),
        ({"lesions": [{"photographs": [PHOTOGRAPH]}]}, "lacks 'lesion'"),
        ({"lesions": [{"lesion": "1", "photographs": [{}]}]}, "lacks 'file'"),
        ({"born": 1950, "lesions": [{"lesion": "1", "photographs": [{**PHOTOGRAPH, "taken": "spring"}]}]}, "'spring'"),
    ],
)
def test_a_diary_of_another_form_is_refused(tmp_path, diary, said):
    write_diary(tmp_path / "P001", diary)
    with pytest.raises(DermError, match=said):
        SPEC.records(tmp_path)


def test_the_wrong_layout_is_refused_with_the_right_one(root):
    (root / "P003" / "diary.json").unlink()
    with pytest.raises(DermError) as refused:
        SPEC.records(root)
    for words in (f"'{root / 'P003' / 'diary.json'}' is not there", SPEC.obtain, SPEC.homepage, "<patient>/diary.json"):
        assert words in str(refused.value)


@pytest.mark.parametrize(("made", "said"), [(False, "is not there"), (True, "has no folder of a patient")])
def test_a_folder_that_is_not_there_or_empty_is_refused(tmp_path, made, said):
    if made:
        (tmp_path / "diaries").mkdir()
    with pytest.raises(DermError, match=said):
        SPEC.records(tmp_path / "diaries")


def test_a_diary_that_is_no_json_is_refused(root):
    (root / "P001" / "diary.json").write_bytes(b"{")
    with pytest.raises(DermError, match=r"P001.diary\.json' is no diary"):
        SPEC.records(root)
