"""``derm evaluate`` with what is assumed beside a table: prevalences, costs, a specificity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derm_cli.evaluation.predictions import write_predictions
from tests.support import synthetic_tables

PAD = np.array(["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"])


@pytest.fixture
def asked(place):
    """The command on a made table of PAD-UFES-20's classes, three cases a patient."""
    table = synthetic_tables.random_table(0, 240, 6, per_patient=3)
    indices = (table.class_indices(each) for each in (table.labels, table.predictions))
    labels, predictions = (PAD[each] for each in indices)
    path = place.root / "test.csv"
    write_predictions(replace(table, classes=tuple(PAD), labels=labels, predictions=predictions), path)
    return ("evaluate", "--predictions", path, "--classes-of", "pad-ufes-20", "--draws", "50")


def test_what_was_given_is_printed_and_what_was_not_is_not_there(place, asked):
    given = ("--prevalence", "MEL=0.02", "--prevalence", "malignant=0.1", "--cost", "MEL=20", "--specificity", "0.8")
    found, usual = place.json(*asked, *given), place.json(*asked)
    assert [(each["name"], each["prevalence"]) for each in found["predictive_values"]] == [
        ("MEL", 0.02),
        ("malignant", 0.1),
    ]
    assert found["expected_cost"]["costs"][2] == [20, 20, 0, 20, 20, 20]
    assert (found["partial_auc"]["specificity"], usual["partial_auc"]["specificity"]) == (0.8, 0.9)
    assert usual.keys() == found.keys() - {"predictive_values", "expected_cost"}
    printed = place.derm(*asked, *given, COLUMNS="200").stdout
    for said in (
        "Predictive values at a prevalence",
        "Expected cost",
        "By patient and class: 240 photographs are 80 cases",
        "Calibration slope",
    ):
        assert said in printed
    assert "Net benefit" not in printed
    everything = place.derm(*asked, *given, "--all", COLUMNS="200").stdout
    assert "Net benefit of referring" in everything
    assert "At a specificity of 80 %" in everything


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--prevalence", "MELANOMA=0.02"), "--prevalence names 'MELANOMA', which is no class"),
        (("--prevalence", "MEL"), "--prevalence is 'MEL', but must be as in --prevalence MEL=0.02"),
        (("--cost", "MEL:XYZ=2"), "--cost names 'MEL:XYZ', but must name classes"),
    ],
)
def test_what_is_no_class_and_no_number_is_refused(place, asked, given, said):
    assert said in place.refused(*asked, *given, exit_status=2)


def test_malignant_needs_classes_whose_severity_is_known(place, asked):
    bare = (*asked[:3], "--prevalence", "malignant=0.1")
    assert "give --classes-of" in place.refused(*bare, exit_status=2)


def test_settings_may_have_them(place, asked):
    (place.root / "derm.toml").write_text('[evaluate]\nprevalence = ["MEL=0.02"]\nspecificity = 0.95\n')
    found = place.json(*asked, DERM_CONFIG=str(place.root / "derm.toml"))
    assert found["predictive_values"][0]["prevalence"] == 0.02
    assert found["partial_auc"]["specificity"] == 0.95
