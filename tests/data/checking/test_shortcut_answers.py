"""What gives the label away is named by the check of data, once for all fields of one reason."""

from __future__ import annotations

from dataclasses import replace

from derm_cli.data.checking.checks import run_checks
from derm_cli.data.checking.shortcut_answers import shortcut_answers
from derm_cli.plugin import common_fields

LABELS = ["MEL"] * 40 + ["NEV"] * 40
CLASSES = {"MEL": ("Malignant",), "NEV": ("Benign",)}


def answered(make, **columns):
    dataset = make(LABELS, classes=CLASSES, **columns)
    return replace(dataset, records=replace(dataset.records, metadata=common_fields(*columns)))


def test_shortcuts_are_named_with_what_they_tell(make):
    known = ["male"] * 40 + ["male", None] * 20
    dataset = answered(make, sex=known, history=["no" if each else None for each in known], biopsy=["yes"] * 80)
    shortcut, telling = shortcut_answers(dataset)
    assert shortcut.kind.name == "shortcut"
    assert shortcut.kind.severity == "warning"
    assert shortcut.detail.startswith("made: 'sex', 'history': whether it is filled in tells malignant from benign (")
    assert telling.kind.name == "tells-label"
    assert telling.detail == "made: 'biopsy'"


def test_answers_that_all_give_are_no_finding(make):
    dataset = answered(make, sex=["male"] * 80, bleed=["yes", "no"] * 40)
    assert list(shortcut_answers(dataset)) == []
    assert not {each.kind.name for each in run_checks([dataset]).findings} & {"shortcut", "tells-label"}
