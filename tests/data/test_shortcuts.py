"""Fields whose absence gives the label away are found, and those that are missing by chance are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.locating import LocatedDataset
from derm_cli.data.records import Records, read_records
from derm_cli.data.shortcuts import TELLS, missingness_of, shortcuts
from derm_cli.plugin import DatasetSpec, LesionClass, MetadataField
from derm_datasets import derm_datasets

CLASSES = (
    LesionClass(name="MEL", title="melanoma", diagnoses=("Malignant",)),
    LesionClass(name="NEV", title="nevus", diagnoses=("Benign",)),
    LesionClass(name="ACK", title="keratosis", diagnoses=("Indeterminate",)),
)
ITCH = MetadataField(name="itch", title="Does it itch?", kind="yes-no")
BIOPSY = MetadataField(name="biopsy", title="Was it biopsied?", kind="yes-no", tells_label=True)


def made_records(labels, known, tmp_path, classes=CLASSES, **columns):
    """Return records of ``labels`` of which those that are ``known`` answer whether it itches."""
    spec = DatasetSpec(
        name="made",
        title="Made",
        classes=classes,
        records=print,
        modality="clinical",
        **dict.fromkeys(("licence", "citation", "homepage", "obtain", "layout"), "-"),
    )
    answers = np.where(known, "yes", None)
    frame = pd.DataFrame({"label": list(labels), "diagnosis": "", "itch": answers, "biopsy": "yes"} | columns)
    return Records(LocatedDataset("made", spec, tmp_path), classes, frame, pd.DataFrame(), metadata=(ITCH, BIOPSY))


def test_the_auc_is_that_of_a_hand_s_count(tmp_path):
    # Of malignant ones 8 of 10 are known, of benign ones 3 of 10; the keratoses are on neither side.
    labels = ["MEL"] * 10 + ["NEV"] * 10 + ["ACK"] * 10
    known = [True] * 8 + [False] * 2 + [True] * 3 + [False] * 7 + [True] * 10
    found = missingness_of(made_records(labels, known, tmp_path), "itch")
    assert found.missing == pytest.approx(9 / 30)
    assert found.severity == pytest.approx(0.5 + 0.5 * (0.8 - 0.3))
    sides = [abs(0.8 - 13 / 20), abs(0.3 - 18 / 20), abs(1.0 - 11 / 20)]
    assert found.classes == pytest.approx(0.5 + 0.5 * np.mean(sides))
    low, high = found.severity_interval
    assert low < found.severity < high


@pytest.mark.parametrize(
    ("known", "tells"),
    [
        ([True] * 60 + [True] * 30 + [False] * 30, True),
        ([False] * 30 + [True] * 30 + [True] * 60, True),  # missing where it is malignant
        ([True] * 55 + [False] * 5 + [True] * 54 + [False] * 6, False),
        ([True] * 120, False),
        ([False] * 120, False),
    ],
)
def test_a_field_whose_absence_tells_is_a_shortcut(known, tells, tmp_path):
    records = made_records(["MEL"] * 60 + ["NEV"] * 60, known, tmp_path)
    assert missingness_of(records, "itch").tells is tells
    names = {each.field.name: each.reason for each in shortcuts(records)}
    assert set(names) == ({"itch", "biopsy"} if tells else {"biopsy"})
    assert "how the diagnosis was made" in names["biopsy"]
    if tells:
        assert names["itch"].startswith("whether it is filled in tells malignant from benign (AUC .75, ")


def test_photographs_of_few_patients_tell_little(tmp_path):
    labels = ["MEL"] * 60 + ["NEV"] * 60
    known = [True] * 60 + [True] * 30 + [False] * 30
    single = missingness_of(made_records(labels, known, tmp_path), "itch")
    of_few = made_records(labels, known, tmp_path, patient=[f"P{row // 30}" for row in range(120)])
    low, high = missingness_of(of_few, "itch").severity_interval
    assert high - low > 2 * (single.severity_interval[1] - single.severity_interval[0])


def test_classes_of_unknown_severity_are_told_apart_too(tmp_path):
    classes = tuple(LesionClass(name=name, title=name) for name in ("MEL", "NEV"))
    known = [True] * 60 + [True] * 20 + [False] * 40
    found = missingness_of(made_records(["MEL"] * 60 + ["NEV"] * 60, known, tmp_path, classes), "itch")
    assert found.severity is None
    assert found.tells
    assert "tells the classes apart" in found.text


def test_answers_that_are_missing_at_random_are_no_shortcut(tmp_path):
    draw = np.random.default_rng(7)
    labels = np.array(["MEL", "NEV", "ACK"])[draw.integers(0, 3, 150)]
    found = [missingness_of(made_records(labels, draw.random(150) > 0.4, tmp_path), "itch").tells for _ in range(20)]
    assert not any(found)


def test_of_pad_ufes_20_who_was_biopsied_is_found_in_what_was_asked(real_data):
    """Sex, skin type and more were asked of those who were biopsied; the symptoms were asked of nearly all."""
    (spec,) = (each for each in derm_datasets() if each.name == "pad-ufes-20")
    records = read_records(LocatedDataset("pad-ufes-20", spec, real_data / "pad-ufes-20"))
    found = {each.field.name: each.reason for each in shortcuts(records)}
    assert {"sex", "fitzpatrick", "biopsy", "diameter", "history", "smoke"} <= set(found)
    assert not {"age", "site", "itch", "grew", "hurt", "changed", "bleed", "elevation"} & set(found)
    assert "(AUC .83, .79 to .87)" in found["sex"]
    assert missingness_of(records, "grew").severity_interval[0] < TELLS < missingness_of(records, "sex").severity
