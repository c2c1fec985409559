import pytest

from derm_cli.taxonomy import (
    LesionClass,
    class_severity,
    coarse_diagnosis,
    covering_class,
    known_diagnoses,
    lies_within,
    severity_of,
)

NEVUS = "Benign:Benign melanocytic proliferations:Nevus"
LENTIGO = "Benign:Benign epidermal proliferations:Lentigo simplex"
KERATOSIS = "Indeterminate:Indeterminate epidermal proliferations:Solar or actinic keratosis"
BOWEN = "Malignant:Malignant epidermal proliferations:Squamous cell carcinoma in situ"

MELANOCYTIC = "Benign:Benign melanocytic proliferations"
CLASSES = (
    LesionClass(name="BENIGN", title="Benign", diagnoses=("Benign",)),
    LesionClass(name="NEV", title="Nevus", diagnoses=(f"{MELANOCYTIC}:Nevus",)),
)


def test_a_place_covers_itself_and_what_lies_below():
    assert lies_within("Benign:A:B", "Benign:A")
    assert lies_within("Benign:A", "Benign:A")
    assert not lies_within("Benign:AB", "Benign:A")


def test_the_finest_class_wins():
    assert covering_class(CLASSES, f"{MELANOCYTIC}:Nevus:Nevus, Spitz") == "NEV"
    assert covering_class(CLASSES, "Benign:Cysts") == "BENIGN"


def test_what_nothing_covers_is_none():
    assert covering_class(CLASSES, "Malignant") is None
    assert covering_class(CLASSES, "") is None


def test_the_hierarchy_is_the_isic_archives():
    assert f"{MELANOCYTIC}:Nevus" in known_diagnoses()
    assert len(known_diagnoses()) > 100


def test_the_severity_is_the_top_of_the_hierarchy() -> None:
    assert [severity_of(each) for each in (NEVUS, KERATOSIS, BOWEN, "", "Nevus")] == [
        *("benign", "indeterminate", "malignant"),
        *(None, None),
    ]
    assert {severity_of(each) for each in known_diagnoses()} == {"benign", "indeterminate", "malignant"}


@pytest.mark.parametrize(
    ("diagnoses", "severity", "coarse"),
    [
        ((NEVUS,), "benign", "Benign:Benign melanocytic proliferations"),
        ((KERATOSIS, BOWEN), "malignant", "X"),
        ((NEVUS, LENTIGO), "benign", "X"),
        ((NEVUS, NEVUS + ":Nevus, Spilus"), "benign", "Benign:Benign melanocytic proliferations"),
        (("Malignant",), "malignant", "Malignant"),
        ((), None, "X"),
    ],
)
def test_a_class_is_as_bad_as_its_worst_and_coarse_where_it_lies_in_one_place(
    diagnoses: tuple[str, ...], severity: str | None, coarse: str
) -> None:
    each = LesionClass(name="X", title="X", diagnoses=diagnoses)
    assert (class_severity(each), coarse_diagnosis(each)) == (severity, coarse)
