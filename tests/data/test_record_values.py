"""What a table says of a photograph is held to what it can be."""

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.record_values import clean


def frame(**columns):
    count = len(next(iter(columns.values())))
    required = {"case_id": [str(row) for row in range(count)], "file": "f.png", "label": "A", "diagnosis": ""}
    return pd.DataFrame(required | columns)


@pytest.mark.parametrize(
    ("column", "given", "kept"),
    [
        ("age", [40.0, 0, 120, "63", np.nan, None, ""], [40, 0, 120, 63, None, None, None]),
        ("fitzpatrick", [1, 6.0, "3", np.nan, None], [1, 6, 3, None, None]),
        ("sex", ["male", "female", " male ", None, ""], ["male", "female", "male", None, None]),
        ("image_type", ["clinical", "dermoscopic", np.nan], ["clinical", "dermoscopic", None]),
        ("skin_tone", ["1-2", "5-6", None], ["1-2", "5-6", None]),
        ("split", ["train", "validation", "test", ""], ["train", "validation", "test", None]),
        ("patient", ["P1", " P1 ", " ", None, 7], ["P1", "P1", None, None, "7"]),
        ("site", ["back", "", None], ["back", None, None]),
    ],
)
def test_what_can_be_is_kept(column, given, kept):
    cleaned, refused = clean(frame(**{column: given}))
    assert [None if pd.isna(value) else value for value in cleaned[column]] == kept
    assert refused.empty


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        *(("age", value, told) for value, told in [(850, "850"), (-1.0, "-1"), (120.5, "120.5"), (1987.0, "1987")]),
        *(("age", value, value) for value in ["forty", "1O", "inf", "4 0"]),
        *(("fitzpatrick", value, told) for value, told in [(0.0, "0"), (7, "7"), (2.5, "2.5"), ("dark", "dark")]),
        *((column, "x", "x") for column in ("sex", "image_type", "skin_tone", "split")),
        ("sex", "MALE", "MALE"),
        ("split", "val", "val"),
    ],
)
def test_what_cannot_be_is_missing_and_told(column, value, told):
    cleaned, refused = clean(frame(**{column: [None, value]}))
    assert cleaned[column].isna().all()
    assert refused.to_dict("records") == [{"case_id": "1", "column": column, "value": told}]


def test_numbers_are_floats_even_where_none_is_known():
    cleaned, _ = clean(frame(age=[None, "x"], fitzpatrick=["3", None]))
    assert cleaned["age"].dtype == cleaned["fitzpatrick"].dtype == "float64"


def test_required_columns_are_texts_without_blanks_around_them():
    given = frame(age=[1.0]).assign(case_id=[None], file=[" a.png"], label=["MEL "], diagnosis=[np.nan])
    cleaned, refused = clean(given)
    assert cleaned.iloc[0][["case_id", "file", "label", "diagnosis"]].tolist() == ["", "a.png", "MEL", ""]
    assert refused.empty
    assert given["label"].tolist() == ["MEL "]


def test_no_records_are_no_records():
    cleaned, refused = clean(frame(age=[]))
    assert len(cleaned) == len(refused) == 0


@pytest.mark.parametrize(
    ("names", "files", "kept"),
    [
        # As it looks, whatever system wrote it.
        (["e\u0301 1 ", "\u200bb\u00a02", "c\r\n3"], ["1", "2", "3"], ["\u00e9 1", "b 2", "c  3"]),
        (["e\u0301", "\u00e9"], ["1", "2"], ["\u00e9", "\u00e9"]),
        (["1", "1.0"], ["1", "2"], ["1", "1.0"]),
        # Files are their own cases, and stay two where two have names that look the same.
        (["e\u0301.jpg", "\u00e9.jpg"], ["e\u0301.jpg", "\u00e9.jpg"], ["\u00e9.jpg", "\u00e9.jpg-2"]),
        (["e\u0301.jpg", "e\u0301.jpg"], ["e\u0301.jpg", "e\u0301.jpg"], ["\u00e9.jpg", "\u00e9.jpg"]),
    ],
)
def test_cases_have_the_names_that_they_look_like(names, files, kept):
    cleaned, _ = clean(frame(case_id=names, file=files))
    assert cleaned["case_id"].tolist() == kept
    assert cleaned["file"].tolist() == files
