"""A dataset's own columns become the subgroups of its records, and nothing else of them goes further."""

from __future__ import annotations

import pandas as pd

from derm_cli.data.record_values import clean
from derm_cli.data.subgroup_columns import with_subgroups
from derm_cli.plugin import SubgroupColumn

COLUMNS = (
    SubgroupColumn(name="camera", title="camera model", kind="categories", choices=("phone", "dermatoscope")),
    SubgroupColumn(name="breslow", title="thickness", kind="bins", edges=(1,), unit="mm"),
    SubgroupColumn(name="lamp", title="lamp", kind="categories", choices=("on", "off")),
)
FRAME = pd.DataFrame(
    {
        "case_id": ["a", "b", "c", "d"],
        "file": list("abcd"),
        "label": "A",
        "diagnosis": "",
        "camera": ["phone", " dermatoscope ", "unknown", "Mrs Smith's phone"],
        "breslow": ["0.5", 2, None, "thick"],
        "by_patient": ["P1", "P2", "P3", "P4"],
    },
    index=[3, 4, 5, 6],
)


def test_subgroups_are_those_of_values_that_were_declared_and_others_are_told_of():
    cleaned, refused = clean(FRAME, (), COLUMNS)
    assert refused.to_dict("records") == [
        {"case_id": "d", "column": "camera", "value": "Mrs Smith's phone"},
        {"case_id": "d", "column": "breslow", "value": "thick"},
    ]
    found = with_subgroups(cleaned, COLUMNS)
    own = found[[name for name in found if name.startswith("by_")]]
    assert own.astype(object).where(own.notna(), None).to_dict("list") == {
        "by_camera model": ["phone", "dermatoscope", None, None],
        "by_thickness": ["under 1 mm", "1 mm and over", None, None],
    }
    assert list(found.index) == [3, 4, 5, 6]


def test_without_such_columns_records_are_as_they_were():
    plain = FRAME.drop(columns="by_patient")
    pd.testing.assert_frame_equal(with_subgroups(plain, ()), plain)
    assert "by_patient" not in with_subgroups(FRAME, ())
