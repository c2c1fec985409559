"""``derm data list``."""

from __future__ import annotations


def test_data_is_listed_with_its_place(place):
    values = {each["name"]: each for each in place.json("data", "list")}
    assert {"edra", "dermofit", "dermai", "pad-ufes-20", "ham10000"} <= set(values)
    assert "folder" not in values
    assert values["synthetic-phone"]["synthetic"] is True
    assert values["edra"]["there"] is False
    assert place.derm("data").stdout == place.derm("data", "list").stdout
