import pytest

from derm_cli.errors import DermError
from derm_cli.taxonomy import (
    LesionClass,
    class_severity,
    coarse_diagnosis,
    covering_class,
    known_diagnoses,
    lesion_class,
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


@pytest.mark.parametrize("word", ["name", "title"])
@pytest.mark.parametrize(
    "text",
    [
        *("two\nlines", "two\r\nlines", "two\u2028lines", "two\u2029lines", "two\x85lines", "two\x0blines", "end\n"),
        *(" before", "after ", "\tbefore", "after\u00a0", "after\u3000", "", " "),
    ],
)
def test_a_name_or_title_that_is_no_plain_line_is_refused(word, text):
    values = {"name": "NEV", "title": "nevus", word: text}
    with pytest.raises(DermError, match=f"has the {word} .*a line of text without blanks around it") as caught:
        LesionClass(**values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["melanoma in situ", "é", "=1+1", "\x1b[31mred", "50 % & more", "\u202eleft"])
def test_a_name_that_is_a_line_is_taken(text):
    assert LesionClass(name=text, title=text).name == text


def test_a_class_of_a_stored_plan_is_held_to_the_same():
    with pytest.raises(DermError, match="rename it in the dataset"):
        lesion_class({"name": "a\u2028b", "title": "a", "diagnoses": []})
