"""Translations of the classes' titles: all languages or none."""

from __future__ import annotations

from derm_cli.plugin import LesionClass
from derm_datasets.class_titles import LANGUAGES, class_titles


def test_a_class_without_a_translation_leaves_all_out():
    known, unknown = LesionClass(name="NV", title="Melanocytic Nevus"), LesionClass(name="X", title="a rare thing")
    assert class_titles((known,)) == {
        "de": {"NV": "melanozytärer Nävus"},
        "es": {"NV": "nevo melanocítico"},
        "pt": {"NV": "nevo melanocítico"},
    }
    assert class_titles((known, unknown)) == {}


def test_of_a_folder_s_own_labels_those_that_are_english_titles_are_known():
    found = class_titles()
    assert tuple(found) == LANGUAGES
    assert found["pt"]["nevus"] == "nevo"
