"""``derm evaluate`` and ``derm runs compare`` with one table in two places."""

from __future__ import annotations

import shutil

import pytest

from derm_cli.evaluation.predictions import write_predictions
from tests.support import synthetic_tables


@pytest.fixture
def table(place):
    path = place.root / "test.csv"
    write_predictions(synthetic_tables.random_table(0, 60, 3), path)
    return path


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("itself", "are one file"),
        ("link", "are one file"),
        ("hard link", "are one file"),
        ("copy", "have the same contents"),
        ("other line endings", "Case '0' is in"),
    ],
)
def test_the_test_table_is_no_validation_table(place, table, way, reason):
    path = table if way == "itself" else place.root / "validation.csv"
    if way == "link":
        path.symlink_to(table)
    elif way == "hard link":
        path.hardlink_to(table)
    elif way == "copy":
        shutil.copy(table, path)
    elif way == "other line endings":
        path.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    sentence = place.refused("evaluate", "--predictions", table, "--validation", path, exit_status=2)
    assert reason in sentence


def test_shared_patients_are_told_in_every_form(place, table):
    for name, seed in (("test.csv", 0), ("validation.csv", 1)):
        write_predictions(synthetic_tables.random_table(seed, 60, 3, per_patient=3), place.root / name)
    path = place.root / "validation.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([header, *(f"v{line}" for line in lines)]), encoding="utf-8")
    asked = ("evaluate", "--predictions", table, "--validation", path, "--draws", "0")
    sentence = "20 of 20 patients are in the validation table too"
    assert sentence in place.derm(*asked).stdout
    assert any(sentence in note for note in place.json(*asked)["notes"])
    place.derm(*asked, "--report", place.root / "page.html")
    assert sentence in (place.root / "page.html").read_text(encoding="utf-8")


def test_one_table_under_two_names_is_no_comparison(place, table):
    copy = place.root / "copy.csv"
    shutil.copy(table, copy)
    assert "give the same answer to every case" in place.derm("runs", "compare", table, copy, "--draws", "0").stderr
    sentence = place.refused("runs", "compare", table, place.root / "." / "x" / ".." / "test.csv", exit_status=2)
    assert "are one file" in sentence
