"""The columns of records are one contract: what stands in each, and that the pages of the manual name them all."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from derm_cli.plugin import NUMBER_COLUMNS, RECORD_COLUMNS, REQUIRED_COLUMNS
from derm_cli.plugin.records import OPTIONAL_COLUMNS

DATASETS_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "datasets.md"


def test_the_columns_that_plugins_rely_on_never_change():
    assert REQUIRED_COLUMNS == ("case_id", "file", "label", "diagnosis")
    assert NUMBER_COLUMNS == ("age", "fitzpatrick", "diameter")
    assert list(OPTIONAL_COLUMNS) == [
        *("patient", "lesion", "sex", "age", "site", "fitzpatrick", "skin_tone", "image_type", "split", "mask"),
        *("itch", "grew", "hurt", "changed", "bleed", "elevation", "diameter", "history", "family_history"),
        *("biopsy", "confirmed_by"),
    ]


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("sex", ["male", "female"], ["m", "", 1]),
        ("age", [0, 120, 40.5, np.float32(7)], [-1, 121, "40", float("nan")]),
        ("fitzpatrick", [1, 6.0, np.float64(3)], [0, 7, 2.5, "3"]),
        ("skin_tone", ["1-2", "5-6"], ["2-3", 12]),
        ("image_type", ["clinical", "anatomical"], ["Clinical", "phone"]),
        ("split", ["train", "validation", "test"], ["val"]),
        ("site", ["back", "head/neck"], ["Back", "", " back", 3]),
        ("patient", ["P1", "Anna"], [7]),
        ("bleed", ["yes", "no"], ["Yes", True, "1", ""]),
        ("diameter", [0, 6.5], [-1, 501, "6"]),
        ("confirmed_by", ["histo"], ["Histo", ""]),
    ],
)
def test_each_column_accepts_its_own_values_alone(name, accepted, refused):
    column = OPTIONAL_COLUMNS[name]
    assert all(map(column.accepts, accepted))
    assert not any(map(column.accepts, refused))


def test_the_page_of_datasets_names_every_column_and_every_choice():
    page = DATASETS_PAGE.read_text(encoding="utf-8").partition("## Common columns")[2].partition("\n## ")[0]
    words = set(re.findall(r"`([^`]+)`", page))
    for column in RECORD_COLUMNS:
        if not column.required:
            assert column.name in words
            assert column.kind == "number" or set(column.choices) <= words
