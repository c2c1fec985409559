"""Fitzpatrick17k: its 114 conditions in the hierarchy, what could not be got, and what its publishers call wrong."""

from __future__ import annotations

import pytest

from derm_cli.plugin.testing import check_dataset
from derm_cli.taxonomy import covering_class, known_diagnoses, lies_within
from derm_datasets import dermai, fitzpatrick17k, ham10000
from derm_datasets.fitzpatrick17k import CLASSES, DIAGNOSES, SPEC
from tests.support import trees


@pytest.fixture
def root(tmp_path):
    return trees.make_fitzpatrick17k(tmp_path, per_class=3, size=8)


def edit(root, old: str, new: str) -> None:
    table = root / "fitzpatrick17k.csv"
    table.write_text(table.read_text().replace(old, new))


def test_all_114_conditions_stand_under_their_partition():
    # How many conditions each partition has follows from the publishers' table.
    assert {name: len(conditions) for name, conditions in DIAGNOSES.items()} == {
        "inflammatory": 69,
        "malignant epidermal": 5,
        "genodermatoses": 10,
        "benign dermal": 12,
        "benign epidermal": 9,
        "malignant melanoma": 4,
        "benign melanocyte": 3,
        "malignant cutaneous lymphoma": 1,
        "malignant dermal": 1,
    }
    assert len({condition for conditions in DIAGNOSES.values() for condition in conditions}) == 114
    assert [each.name for each in CLASSES] == list(DIAGNOSES)


def test_every_place_is_one_of_the_hierarchy_and_its_own_partition_covers_it():
    for partition, conditions in DIAGNOSES.items():
        for condition, place in conditions.items():
            if place:
                assert place in known_diagnoses(), condition
                assert covering_class(CLASSES, place) == partition, condition


def test_no_malignant_condition_has_a_benign_place_nor_the_other_way_round():
    for partition, conditions in DIAGNOSES.items():
        for condition, place in conditions.items():
            if place and condition != "actinic keratosis":
                root = "Malignant" if partition.startswith("malignant") else "Benign"
                assert lies_within(place, root), condition


def test_each_class_names_places_of_the_hierarchy_and_covers_its_own():
    for each in CLASSES:
        assert bool(each.diagnoses) == (each.name != "genodermatoses")
        for place in each.diagnoses:
            assert place in known_diagnoses()
            assert covering_class(CLASSES, place) == each.name


def test_it_merges_into_other_targets_by_its_conditions_alone():
    def merged(target, partition: str, condition: str) -> str | None:
        return covering_class(target.CLASSES, DIAGNOSES[partition][condition])

    assert merged(dermai, "malignant epidermal", "basal cell carcinoma morpheiform") == "BCC"
    assert merged(dermai, "malignant epidermal", "squamous cell carcinoma") == "OtMalNeop"
    assert merged(dermai, "malignant dermal", "kaposi sarcoma") == "OtMalNeop"
    assert merged(dermai, "benign dermal", "pyogenic granuloma") == "UncNeop"
    assert merged(dermai, "inflammatory", "psoriasis") is None
    assert merged(ham10000, "malignant melanoma", "lentigo maligna") == "mel"
    assert merged(ham10000, "genodermatoses", "neurofibromatosis") is None


def test_other_sets_merge_into_its_partition():
    assert covering_class(CLASSES, "Benign:Inflammatory or infectious diseases:Verruca") == "inflammatory"
    assert covering_class(CLASSES, dermai.CLASSES[1].diagnoses[0]) == "malignant epidermal"


def test_skin_types_that_could_not_be_told_are_missing(root):
    frame = check_dataset(SPEC, root)
    assert frame["fitzpatrick"].isna().tolist()[:3] == [False, True, False]
    assert frame["fitzpatrick"].dropna().unique().tolist() == [3, 6]
    assert set(frame["image_type"]) == {"clinical"}
    assert "patient" not in frame


def test_a_photograph_is_found_in_any_folder_and_in_any_case(root):
    frame = check_dataset(SPEC, root)
    assert frame["file"].str.startswith("data/").all()
    assert {name.rpartition(".")[2] for name in frame["file"]} == {"jpg", "JPG"}


def test_a_condition_without_a_place_has_a_class_and_no_diagnosis(root):
    frame = check_dataset(SPEC, root)
    rows = frame[frame["label"] == "genodermatoses"]
    assert len(rows) == 3
    assert set(rows["diagnosis"]) == {""}


def test_a_condition_of_another_partition_than_the_publishers_gets_no_diagnosis(root):
    # So that a table that was changed never puts a record under one class and its diagnosis under another.
    edit(root, "kaposi sarcoma,malignant dermal", "kaposi sarcoma,benign dermal")
    frame = check_dataset(SPEC, root)
    assert frame["label"].value_counts()["benign dermal"] == 6
    assert frame["diagnosis"].iloc[-3:].tolist() == ["", "", ""]


def test_what_the_publishers_call_wrongly_labelled_is_of_no_class(root):
    edit(root, "1 Diagnostic", "3 Wrongly labelled")
    frame = SPEC.records(root)
    wrong = frame[frame["label"] == "3 Wrongly labelled"]
    assert len(wrong) == 9
    assert set(frame["label"]) - {each.name for each in CLASSES} == {"3 Wrongly labelled"}


def test_a_table_with_no_more_than_it_needs_is_read(root):
    name = SPEC.records(root)["case_id"].iloc[0]
    (root / "fitzpatrick17k.csv").write_text(f"md5hash,label,nine_partition_label\n{name}, Psoriasis ,Inflammatory\n")
    frame = check_dataset(fitzpatrick17k.SPEC, root)
    assert frame.loc[0, ["label", "diagnosis"]].tolist() == [
        "inflammatory",
        "Benign:Inflammatory or infectious diseases",
    ]
    assert "fitzpatrick" not in frame


def test_a_hash_that_stands_twice_is_told_apart(root):
    table = root / "fitzpatrick17k.csv"
    table.write_text(table.read_text() + table.read_text().splitlines()[1] + "\n")
    cases = SPEC.records(root)["case_id"]
    assert cases.iloc[-1] == cases.iloc[0] + "-2"
