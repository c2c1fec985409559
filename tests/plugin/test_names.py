"""Names that look the same are the same; those that may be one are told apart, and found."""

from __future__ import annotations

import pytest

from derm_cli.plugin.names import alike_names, canonical_names, clean_name, known_names, quoted

SAME = {
    "blank at the end": ("nv", "nv "),
    "no-break space": ("nv", "nv\u00a0"),
    "ideographic space": ("nv", "\u3000nv"),
    "tab and line end": ("nv", "\tnv\r\n"),
    "zero-width space": ("nv", "n\u200bv"),
    "byte-order mark": ("nv", "\ufeffnv"),
    "soft hyphen": ("nevus", "ne\u00advus"),
    "direction marks": ("nv", "\u200env\u202c"),
    "word joiner": ("nv", "n\u2060v"),
    "Unicode form": ("n\u00e4vus", "na\u0308vus"),
    "no-break space inside": ("basal cell", "basal\u00a0cell"),
    "braille blank": ("nv", "nv\u2800"),
    "number": ("1", "1.0"),
    "number of two zeros": ("12", "12.00"),
}
ALIKE = {
    "case": ("nv", "NV"),
    "sharp s": ("Gefäß", "GEFÄSS"),
    "hyphen": ("basal cell", "basal-cell"),
    "underscore": ("basal cell", "basal_cell"),
    "dash": ("basal-cell", "basal\u2013cell"),
    "two blanks": ("basal cell", "basal  cell"),
    "leading zeros": ("7", "007"),
    "leading zeros behind a word": ("P7", "P007"),
    "ligature": ("fibroma", "\ufb01broma"),
    "full width": ("nv", "\uff4e\uff56"),
}
DIFFERENT = [("nv", "mel"), ("1", "10"), ("1.5", "15"), ("P101", "P11"), ("1.05", "1.5"), ("a b", "ab"), ("é", "e")]


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
def test_what_looks_the_same_is_the_same_name(first, second):
    assert canonical_names([first, second]) == {first: first, second: first}
    assert canonical_names([second, first]) == {first: first, second: first}
    assert alike_names([first, second]) == []
    assert known_names([second], [first, "mel"], alike=False) == {second: first}
    assert known_names([first], [second, "mel"], alike=False) == {first: second}


@pytest.mark.parametrize(("first", "second"), ALIKE.values(), ids=ALIKE)
def test_what_may_be_the_same_is_kept_apart_and_found(first, second):
    assert canonical_names([first, second]) == {first: first, second: second}
    assert alike_names([first, second, "other"]) == [(first, second)]
    assert known_names([second], [first], alike=False) == {}
    assert known_names([second], [first]) == {second: first}


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_other_names_are_other_names(first, second):
    assert canonical_names([first, second]) == {first: first, second: second}
    assert alike_names([first, second]) == []
    assert known_names([first], [second]) == {}


def test_a_name_that_is_spelt_in_one_way_keeps_it_but_for_blanks_around():
    names = ["1.0", " 2.0", "na\u0308vus", "007"]
    assert canonical_names(names) == {"1.0": "1.0", " 2.0": "2.0", "na\u0308vus": "na\u0308vus", "007": "007"}


def test_of_several_known_names_that_are_alike_none_is_guessed():
    assert known_names(["Nv", "nv", "mel "], ["nv", "NV", "mel"]) == {"nv": "nv", "mel ": "mel"}


def test_what_a_script_needs_stays():
    assert clean_name("\u0645\u06cc\u200c\u0634\u0648\u062f ") == "\u0645\u06cc\u200c\u0634\u0648\u062f"


@pytest.mark.parametrize(
    ("name", "text"),
    [("nv ", "'nv'"), ("a\nb", "'a b'"), ("\x1b[31m", "'\\x1b[31m'"), ("x" * 70, f"'{'x' * 60}…'")],
)
def test_a_name_is_quoted_on_one_short_line(name, text):
    assert quoted(name) == text
