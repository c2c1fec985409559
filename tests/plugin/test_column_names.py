"""Columns are known by the names that people give them; near misses and what is not used are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.errors import DermError
from derm_cli.plugin import RECORD_COLUMNS
from derm_cli.plugin.column_names import SPELLINGS, column_key, match_columns

TABLE = Path("t.csv")
WRITTEN = {
    "patient": (
        *("patient", "Patient", "PATIENT", " patient ", "Patient ID", "patient_id", "PatientID", "patient-id", "pid"),
        *("PID", "Patient No.", "patient nr", "Patient #", "subject_id", "Participant", "\ufeffpatient", "mrn"),
        *("patient\u00a0id", "\uff30atient", "Patient.ID", "patient_uuid"),
    ),
    "lesion": ("lesion", "Lesion ID", "lesionId", "lesion_no"),
    "split": ("split", "Set", "fold", "SUBSET", "partition", "Data Split", "data_split"),
    "label": (
        "label",
        "Label",
        "diagnosis",
        "dx",
        "class",
        "Class Name",
        "target",
        "ground_truth",
        "y_true",
        "category",
    ),
    "file": ("file", "image", "Image", "filename", "File Name", "path", "image_path", "img", "photo", "filepath"),
    "case_id": ("case_id", "Case ID", "CaseID", "image_id", "isic_id"),
    "age": ("age", "Age", "age_approx", "Age (years)", "patient_age"),
    "sex": ("sex", "Gender", "patient sex"),
    "site": ("site", "localization", "anatom_site_general", "Body Site", "anatomical site"),
    "fitzpatrick": ("fitzpatrick", "fitzpatrick_scale", "FST", "Fitzpatrick skin type", "phototype"),
    "image_type": ("image_type", "Image Type", "modality"),
    "mask": ("mask", "segmentation", "Mask Path"),
}


@pytest.mark.parametrize(("own", "name"), [(own, name) for own, names in WRITTEN.items() for name in names])
def test_a_column_is_known_by_its_usual_spellings(own, name):
    assert match_columns(TABLE, ["x", name], {own: SPELLINGS[own]}).used == {name: own}


def test_no_spelling_is_that_of_two_columns():
    owners: dict[str, str] = {}
    for column in RECORD_COLUMNS:
        for spelling in {column_key(each) for each in SPELLINGS[column.name]}:
            if (column.name, spelling) != ("label", "diagnosis"):
                assert owners.setdefault(spelling, column.name) == column.name


@pytest.mark.parametrize(
    ("header", "used", "near", "unused"),
    [
        (["label", "class"], {"label": "label"}, {}, ("class",)),
        (["Label", "dx"], {"Label": "label"}, {}, ("dx",)),
        (["label", "patiend"], {"label": "label"}, {"patiend": "patient"}, ()),
        (["label", "patients_code"], {"label": "label"}, {"patients_code": "patient"}, ()),
        (["lable", "patient"], {"patient": "patient"}, {"lable": "label"}, ()),
        (["label", "patient", "patient_weight"], {"label": "label", "patient": "patient"}, {}, ("patient_weight",)),
        (["label", "notes", "camera"], {"label": "label"}, {}, ("notes", "camera")),
        (["label", "", "-"], {"label": "label"}, {}, ("-",)),
    ],
)
def test_the_own_name_goes_first_and_near_misses_and_the_rest_are_told(header, used, near, unused):
    names = match_columns(TABLE, header, {own: SPELLINGS[own] for own in ("label", "patient")})
    assert (names.used, names.near, names.unused) == (used, near, unused)


def test_a_table_without_labels_has_them_in_its_diagnosis():
    spellings = {own: SPELLINGS[own] for own in ("label", "diagnosis")}
    assert match_columns(TABLE, ["diagnosis"], spellings, needed=["label"]).used == {"diagnosis": "label"}
    both = match_columns(TABLE, ["diagnosis", "dx"], spellings, needed=["label"])
    assert both.used == {"diagnosis": "diagnosis", "dx": "label"}
    unfit = match_columns(TABLE, ["diagnosis"], spellings, lambda own, _: own != "label", ["label"])
    assert unfit.used == {"diagnosis": "diagnosis"}


@pytest.mark.parametrize("own", ["patient", "lesion", "split", "label", "file"])
def test_of_two_columns_that_could_be_the_same_none_is_guessed(own):
    first, second = SPELLINGS[own][1:3]
    with pytest.raises(
        DermError, match=rf"'t.csv' has the columns '{first}' and '{second}', and each could be '{own}'"
    ):
        match_columns(TABLE, [first, second], {own: SPELLINGS[own]})


def test_of_two_columns_that_only_describe_the_first_is_taken():
    names = match_columns(TABLE, ["region", "localization"], {"site": SPELLINGS["site"]})
    assert (names.used, names.unused) == ({"region": "site"}, ("localization",))


def test_a_table_is_warned_of_once(tmp_path, capsys):
    spellings = {own: SPELLINGS[own] for own in ("label", "patient")}
    for _ in range(2):
        match_columns(tmp_path, ["dx", "patiend", "notes", "Camera"], spellings).warn(tmp_path)
    assert capsys.readouterr().err.splitlines() == [
        f"Warning: '{tmp_path}': derm reads the column 'dx' as 'label'.",
        f"Warning: '{tmp_path}': derm does not use the column 'patiend': did you mean 'patient'?",
        f"Warning: '{tmp_path}': derm does not use the columns 'notes', 'Camera'.",
    ]
