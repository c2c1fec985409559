"""Words for 'unknown' are known as such, and a patient of most of the cases is suspicious."""

from __future__ import annotations

import pytest

from derm_cli.plugin.missing import dominant_value, is_unknown

UNKNOWN = (
    *("", " ", "nan", "NaN", "None", "null", "NULL", "nil", "NA", "n/a", "N.A.", "#N/A", "<NA>", "NaT", "unknown"),
    *("Unknown", " UNKNOWN ", "unk", "not known", "Not  specified", "unspecified", "-", "--", "\u2013", "\u2014", "?"),
    *("??", ".", "...", "(unknown)", "[none]", "#REF!", "missing", "n\u200ban", "\u00a0", "undefined", "not available"),
)
NEGATIVE = ("-1", "-1.0", "-9", "-99", "-999.0", " -1 ")
KNOWN = ("0", "1", "P1", "nevus", "nana", "unknown primary", "none of these", "no", "other", "indeterminate")


@pytest.mark.parametrize("text", UNKNOWN)
def test_a_word_for_unknown_is_known_in_whatever_case_and_brackets(text):
    assert is_unknown(text)


@pytest.mark.parametrize("text", NEGATIVE)
@pytest.mark.parametrize("column", ["patient", "lesion", "age"])
def test_minus_one_says_so_where_nothing_is_negative(text, column):
    assert is_unknown(text, column)
    assert not is_unknown(text)
    assert not is_unknown(text, "site")


@pytest.mark.parametrize("text", KNOWN)
def test_a_value_is_a_value(text):
    assert not is_unknown(text)
    assert not is_unknown(text, "patient")


@pytest.mark.parametrize(
    ("values", "dominant"),
    [
        ([*["xx"] * 8, *(f"P{number // 2}" for number in range(24))], ("xx", 8)),
        ([*["xx"] * 6, *(f"P{number // 2}" for number in range(26))], None),
        ([*["xx"] * 5, *map(str, range(14))], None),
        ([*["xx"] * 5, *map(str, range(15))], ("xx", 5)),
        ([*["a"] * 10, *["b"] * 10, *["c"] * 10], None),
        ([*["a"] * 30], None),
        ([*[""] * 30, "a", "b"], None),
        ([], None),
    ],
)
def test_a_patient_of_a_fifth_of_the_cases_is_suspicious_where_most_have_far_fewer(values, dominant):
    assert dominant_value(values) == dominant
