"""What a dataset covers, and what figures on it will not tell."""

import numpy as np
import pytest

from derm_cli.data.checking.coverage import coverage_findings, coverage_of
from derm_cli.data.duplicates import NO_PAIRS


def covered(checked, alike=NO_PAIRS):
    return coverage_of(checked, alike)


def found(checked, told):
    return told(coverage_findings(checked, covered(checked)))


FULL = {"patient": [f"P{row}" for row in range(40)], "fitzpatrick": [float(1 + row % 6) for row in range(40)]}
"""Of forty photographs that nothing is to be said of."""


def test_an_even_dataset(make, told):
    checked = make(["A"] * 20 + ["B"] * 20, **FULL)
    assert found(checked, told) == {}
    coverage = covered(checked)
    assert (coverage.patients, coverage.lesions, coverage.imbalance) == (40, None, 1.0)
    assert coverage.tables["skin tone"] == {"1": 7, "2": 7, "3": 7, "4": 7, "5": 6, "6": 6}
    assert coverage.tables["image type"] == {"unknown": 40}


def test_groups_are_what_a_split_keeps_together(make):
    checked = make(["A"] * 4, patient=["P", "P", None, None], sha256=["a", "b", "c", "d"])
    (of_class,) = covered(checked, np.array([[2, 3]])).classes
    assert (of_class.photographs, of_class.groups) == (4, 2)


def test_ages_are_told_by_spans_in_order(make):
    checked = make(["A"] * 6, age=[110.0, 0.0, 19.0, 20.0, np.nan, 99.0])
    ages = {"0-19": 2, "20-39": 1, "80-99": 1, "100-119": 1, "unknown": 1}
    assert list(covered(checked).tables["age"].items()) == list(ages.items())


def test_pairs_of_skin_types_count_where_no_more_is_known(make):
    checked = make(["A"] * 3, fitzpatrick=[2.0, None, None], skin_tone=["1-2", "5-6", None])
    assert covered(checked).tables["skin tone"] == {"2": 1, "5-6": 1, "unknown": 1}


def test_too_little(make, told):
    (said,) = found(make(["A"] * 20 + ["B"], **{**FULL, "patient": FULL["patient"][:21], "fitzpatrick": 5.0}), told)[
        "too-little"
    ]
    assert said.startswith("Class 'B' of dataset 'made' has one photograph, too few to both train and test")
    (said,) = found(make(["A"] * 20, patient=FULL["patient"][:20], fitzpatrick=5.0), told)["too-little"]
    assert "needs two classes or more" in said


def test_a_class_of_one_patient_cannot_be_split(make, told):
    patients = [*FULL["patient"][:20], *["X"] * 20]
    said = found(make(["A"] * 20 + ["B"] * 20, **{**FULL, "patient": patients}), told)
    assert said["too-little"] == ["made: class 'B' has 20 photographs of one patient or lesion: they cannot be split"]
    (dominant,) = said["dominant-patient"]
    assert dominant.startswith("made: one patient has 20 of 40 cases")
    assert len(said) == 2


def test_a_class_of_few_patients(make, told):
    patients = [*FULL["patient"][:20], *[f"X{row % 9}" for row in range(20)]]
    said = found(make(["A"] * 20 + ["B"] * 20, **{**FULL, "patient": patients}), told)
    assert said == {"few-patients": ["made: class 'B' has 20 photographs of 9 patients or lesions"]}


def test_a_class_without_photographs(make, told):
    said = found(make(["A"] * 20 + ["B"] * 20, classes={"A": (), "B": (), "C": ()}, **FULL), told)
    assert said == {"empty-class": ["class 'C' of made"]}


def test_classes_of_very_different_sizes(make, told):
    columns = {"patient": [f"P{row}" for row in range(110)], "fitzpatrick": 5.0}
    assert found(make(["A"] * 100 + ["B"] * 10, **columns), told) == {
        "imbalance": ["made: 1 to 10 (100 of 'A', 10 of 'B')"]
    }


@pytest.mark.parametrize(
    ("types", "said"),
    [
        ([None] * 21 + [5.0] * 19, "made: unknown for 21 of 40 photographs"),
        ([2.0] * 37 + [6.0] * 3, "made: skin types 5 and 6 are 3 of 40 photographs"),
        ([None] * 20 + [2.0] * 19 + [5.0], "made: skin types 5 and 6 are 1 of 20 photographs"),
    ],
)
def test_skin_tones_that_are_missing_or_one_sided(make, told, types, said):
    assert found(make(["A"] * 20 + ["B"] * 20, **{**FULL, "fitzpatrick": types}), told) == {"skin-tone": [said]}


def test_a_table_of_classes_with_two_spellings(make, told, monkeypatch):
    checked = make(["nevus"] * 20 + ["Nevus"] * 10 + ["wart"] * 10, **FULL)
    assert "similar-classes" not in found(checked, told)
    object.__setattr__(checked.records.located.spec, "classes", ())
    assert found(checked, told) == {"similar-classes": ["made: 'Nevus' and 'nevus'"]}


def test_nothing_of_patients_is_known(make, told):
    said = found(make(["A"] * 20 + ["B"] * 20, fitzpatrick=FULL["fitzpatrick"]), told)
    assert said == {"patients-unknown": ["made"]}
