"""What a plugin gives is looked at once where it cannot change, and each time where it can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.plugin import LesionClass, declared
from derm_cli.plugin.declared import mismatch

CLASS = LesionClass(name="NEV", title="nevus")


def test_a_frozen_value_that_fits_is_looked_at_once(monkeypatch):
    asked = []
    look = declared._of_fields
    monkeypatch.setattr(declared, "_of_fields", lambda value, wanted: asked.append(value) or look(value, wanted))
    one = replace(CLASS)
    assert [mismatch((one, one), "tuple[LesionClass, ...]") for _ in range(3)] == ["", "", ""]
    assert len(asked) == 1
    assert mismatch(replace(CLASS), "LesionClass") == ""
    assert len(asked) == 2


def test_one_that_does_not_fit_is_told_each_time():
    wrong = replace(CLASS)
    object.__setattr__(wrong, "title", 7)
    for _ in range(2):
        assert "'title' the int 7, which is no str" in mismatch((wrong,), "tuple[LesionClass, ...]")


@pytest.mark.parametrize("annotation", ["DatasetSpec", "Phase"])
def test_what_fits_one_declaration_is_not_taken_for_another(annotation):
    assert mismatch(CLASS, "LesionClass") == ""
    assert mismatch(CLASS, annotation) == "a LesionClass"


def test_what_is_gone_is_not_remembered():
    before = len(declared._FITTING)
    value = replace(CLASS)
    assert mismatch(value, "LesionClass") == ""
    assert len(declared._FITTING) == before + 1
    del value
    assert len(declared._FITTING) == before
