"""A section of the report, and its tables, check their fields."""

from __future__ import annotations

import re

import pytest

from derm_cli.errors import SpecError
from derm_cli.plugin import ReportSectionSpec, ReportTable


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"render": None}, "field 'render' is None, but must be a function"),
        ({"subtitle": 7}, "field 'subtitle' is 7, but must be a text"),
        ({"after": None}, "field 'after' is None, but must be a text"),
    ],
)
def test_a_wrong_field_is_named(fields, said):
    with pytest.raises(SpecError, match=re.escape(f"report section 'own': {said}")):
        ReportSectionSpec(**{"name": "own", "title": "Own", "render": lambda facts: ()} | fields)


def test_a_table_with_a_row_of_another_length_is_refused():
    assert ReportTable(title="T", header=("a", "b"), rows=(("x", 1), ("y", None))).decimals == 3
    with pytest.raises(SpecError, match="report table 'T': row 2 has 1 cells under 2 headings"):
        ReportTable(title="T", header=("a", "b"), rows=(("x", 1), ("y",)))
