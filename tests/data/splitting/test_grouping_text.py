"""What a split goes by is told as it is, not as it could be."""

from __future__ import annotations

import pytest

from derm_cli.data.records import read_usable_records
from derm_cli.data.splitting.grouping_text import grouping_text, split_by

NOTHING = "nothing but the same file and the same looks, for neither patients nor lesions are named"


@pytest.mark.parametrize(
    ("patients", "lesions", "by", "text"),
    [
        (None, None, "duplicate alone", f"{NOTHING}; 4 groups"),
        ("----", None, "duplicate alone", f"{NOTHING}; 4 groups"),
        (
            "aab-",
            None,
            "patient or duplicate",
            "2 patients (3 of 4 photographs), and the same file and looks; 3 groups",
        ),
        (None, "aabc", "lesion or duplicate", "3 lesions (all 4 photographs), and the same file and looks; 3 groups"),
        (
            *("a---", "bbcd", "patient, lesion or duplicate"),
            "1 patient (1 of 4 photographs), 3 lesions (all 4 photographs), and the same file and looks; 3 groups",
        ),
    ],
)
def test_it_names_what_there_is_with_how_much(located, patients, lesions, by, text):
    synthetic = located([(str(number), f"{number}.png", "AABB"[number]) for number in range(4)])
    frame = synthetic.spec.records(synthetic.root)
    for column, names in (("patient", patients), ("lesion", lesions)):
        if names:
            frame[column] = list(names)
    records = read_usable_records(synthetic)
    assert split_by(records) == by
    assert grouping_text(records) == f"{text} before photographs are decoded"
