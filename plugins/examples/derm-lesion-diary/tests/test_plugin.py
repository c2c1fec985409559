"""Derm finds the plugin, at next to no cost, and is told what it should be told."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import derm_lesion_diary


def test_the_entry_point_leads_to_the_plugin():
    (point,) = entry_points(group="derm", name="lesion-diary")
    assert point.load() is derm_lesion_diary
    assert [spec.name for spec in derm_lesion_diary.derm_datasets()] == ["lesion-diary"]


def test_nothing_heavy_is_imported_before_the_records_are_read():
    program = (
        "import sys, derm_lesion_diary; derm_lesion_diary.derm_datasets();"
        "print(sorted({'pandas', 'numpy', 'PIL', 'keras', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_missed_melanomas_are_told_of(capsys):
    derm_lesion_diary.derm_run_finished({"per_class": {"melanoma": {"support": 8, "sensitivity": 0.75}}})
    assert capsys.readouterr().err == "Warning: 2 of 8 melanomas of the test photographs are missed.\n"


def test_other_runs_are_passed_over(capsys):
    for per_class in (
        {},
        {"melanoma": {"support": 8, "sensitivity": 1.0}},
        {"melanoma": {"support": 0, "sensitivity": None}},
    ):
        derm_lesion_diary.derm_run_finished({"per_class": per_class})
    assert capsys.readouterr().err == ""
