"""A variant of an exporter says what is wrong with it when it is made."""

from __future__ import annotations

import pytest

from derm_cli.errors import SpecError
from derm_cli.plugin import ExporterVariant

GOOD = {"name": "int8", "title": "Int8", "export": print, "agreement": 0.98}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "none"}, "name"),
        ({"name": "Int8"}, "name"),
        ({"name": "int 8"}, "name"),
        ({"title": ""}, "title"),
        ({"export": None}, "export"),
        ({"agreement": None}, "tolerance"),
        ({"agreement": 98}, "agreement"),
        ({"tolerance": 0}, "tolerance"),
        ({"recall_loss": "2 %"}, "recall_loss"),
    ],
)
def test_a_wrong_field_is_named(changes, field):
    ExporterVariant(**GOOD)
    with pytest.raises(SpecError, match=rf"variant '.*': field '{field}' is .*, but must be"):
        ExporterVariant(**GOOD | changes)
