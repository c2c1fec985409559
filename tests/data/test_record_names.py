"""Doubtful names are told: words for 'unknown' as labels, names that may be one, a patient of most photographs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.data.record_names import dominant_identities, doubtful_names
from derm_cli.data.records import read_usable_records
from derm_cli.plugin import DatasetSpec
from derm_cli.taxonomy import LesionClass


@pytest.fixture
def own(located):
    """Return a maker of the records of a dataset of one's own, whose classes are what its labels are."""

    def make(labels, **columns):
        rows = [(str(number), f"{number}.png", label) for number, label in enumerate(labels)]
        fixed = located(rows)
        frame = fixed.spec.records(fixed.root)
        for name, values in columns.items():
            frame[name] = values
        names = sorted(set(labels) - {"nan", "unknown"})
        classes = tuple(LesionClass(name=name, title=name) for name in names)
        spec: DatasetSpec = replace(fixed.spec, classes=(), read_classes=lambda _: classes)
        return read_usable_records(replace(fixed, spec=spec))

    return make


def test_a_label_that_says_unknown_drops_its_record_and_that_is_told(own):
    records = own(["A", "A", "B", "B", "nan", "unknown"])
    assert records.dropped["reason"].tolist() == ["its label says that its class is not known"] * 2
    assert doubtful_names(records) == [
        "2 photographs of dataset 'made' have a label that says that nothing is known, such as 'nan': they are left "
        "out."
    ]


def test_classes_and_patients_that_may_be_one_are_told(own):
    records = own(["nv", "NV", "mel", "mel"], patient=["P7", "P007", "p7", "Q"])
    assert doubtful_names(records) == [
        "dataset 'made' has the classes 'NV' and 'nv': if they are one, write it in one way.",
        "in dataset 'made' 3 patients have names that differ in case, hyphens or leading zeros alone from another's: "
        "if they are one patient, write its name in one way.",
    ]


@pytest.mark.parametrize("column", ["patient", "lesion"])
def test_a_patient_or_lesion_of_most_photographs_is_told(own, column):
    names = ["xxx" if number < 8 else f"P{number // 2}" for number in range(24)]
    records = own(["A", "B"] * 12, **{column: names})
    (clause,) = dominant_identities(records)
    assert clause.startswith(f"one {column} has 8 of 24 cases: is that a word for 'unknown'?")
    assert doubtful_names(records) == [f"dataset 'made': {clause}."]


def test_clean_records_give_no_doubt(own):
    assert doubtful_names(own(["A", "B"] * 12, patient=[f"P{number // 3}" for number in range(24)])) == []
