"""DDI: pairs of skin types, two releases of the truth, and diseases in the hierarchy."""

from __future__ import annotations

import pytest

from derm_cli.plugin import DermError
from derm_cli.plugin.testing import check_dataset
from derm_cli.taxonomy import covering_class, known_diagnoses
from derm_datasets import dermai
from derm_datasets.ddi import CLASSES, DIAGNOSES, SPEC
from tests.support import trees

# What the publishers' table calls malignant, among the diseases that have a place.
MALIGNANT = {
    *("atypical-spindle-cell-nevus-of-reed", "basal-cell-carcinoma", "basal-cell-carcinoma-nodular"),
    *("basal-cell-carcinoma-superficial", "kaposi-sarcoma", "melanoma", "melanoma-acral-lentiginous"),
    *("melanoma-in-situ", "metastatic-carcinoma", "mycosis-fungoides", "nodular-melanoma-(nm)", "sebaceous-carcinoma"),
    *("squamous-cell-carcinoma", "squamous-cell-carcinoma-in-situ", "squamous-cell-carcinoma-keratoacanthoma"),
    "subcutaneous-t-cell-lymphoma",
}


@pytest.fixture
def root(tmp_path):
    return trees.make_ddi(tmp_path, per_class=4, size=8)


def edit(root, old: str, new: str) -> None:
    table = root / "ddi_metadata.csv"
    table.write_text(table.read_text().replace(old, new))


def test_every_disease_falls_into_the_class_of_its_biopsy():
    for disease, place in DIAGNOSES.items():
        assert place in known_diagnoses(), disease
        assert covering_class(CLASSES, place) == ("malignant" if disease in MALIGNANT else "benign"), disease


def test_each_class_covers_its_own_places():
    for each in CLASSES:
        for place in each.diagnoses:
            assert place in known_diagnoses()
            assert covering_class(CLASSES, place) == each.name


def test_diseases_merge_into_a_target_of_kinds():
    merged = {disease: covering_class(dermai.CLASSES, place) for disease, place in DIAGNOSES.items()}
    assert merged["acrochordon"] == "PenFib"
    assert merged["wart"] == merged["verruca-vulgaris"] == "VWart"
    assert merged["atypical-spindle-cell-nevus-of-reed"] == "UncNeop"
    assert merged["mycosis-fungoides"] == "OtMalNeop"
    assert merged["angioma"] is None


def test_a_pair_of_skin_types_is_no_skin_type(root):
    frame = check_dataset(SPEC, root)
    assert frame["skin_tone"].tolist() == ["1-2", "3-4", "5-6", "1-2"] * 2
    assert "fitzpatrick" not in frame
    edit(root, ",56,", ",,")
    assert check_dataset(SPEC, root)["skin_tone"].isna().tolist() == [False, False, True, False] * 2


def test_a_disease_without_a_place_is_as_its_biopsy_says(root):
    frame = check_dataset(SPEC, root).set_index("case_id")
    # Focal acral hyperkeratosis and leukaemia of the skin.
    assert frame.loc["000005", ["label", "diagnosis"]].tolist() == ["benign", "Benign"]
    assert frame.loc["000013", ["label", "diagnosis"]].tolist() == ["malignant", "Malignant"]


def test_the_older_release_is_read_without_diseases(root):
    lines = (root / "ddi_metadata.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    older = [",DDI_ID,DDI_file,malignancy(malig=1),skin_tone"]
    older += [",".join((*row[:3], str(int(row[4].lower() == "true")), row[3])) for row in rows]
    (root / "ddi_metadata.csv").write_text("\n".join(older))
    frame = check_dataset(SPEC, root)
    assert frame["label"].tolist() == ["benign"] * 4 + ["malignant"] * 4
    assert set(frame["diagnosis"]) == {"Benign", "Malignant"}


def test_photographs_may_lie_beside_the_table(root):
    for path in (root / "images").iterdir():
        path.rename(root / path.name)
    assert check_dataset(SPEC, root)["file"].iloc[0] == "000001.png"


def test_a_truth_that_is_none_is_returned_for_derm_to_drop(root):
    edit(root, ",TRUE,", ",maybe,")
    frame = SPEC.records(root)
    assert frame["label"].value_counts().to_dict() == {"benign": 4, "malignant": 2, "maybe": 2}
    assert set(frame.loc[frame["label"] == "maybe", "diagnosis"]) == {""}


def test_a_table_without_the_truth_is_refused(root):
    edit(root, "malignant,disease", "verdict,disease")
    with pytest.raises(DermError, match="has no column 'malignant'"):
        SPEC.records(root)
