"""Tables are fitted into a terminal: cells are broken where that can be read, and what can be spared goes."""

from __future__ import annotations

import pytest

from derm_cli import console
from derm_cli.fitting import broken

HEADERS = ["", "run", "chain", "figure", "note"]
ROWS = [
    ["*", "20261128-082603-8004", "imagenet,synthetic-clinic,synthetic-phone", 12.5, "all is well"],
    ["", "20261128-083050-fd8a", "imagenet,edra", 7.25, "nothing to say, but at length"],
]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("one two", 7, ["one two"]),
        ("one two three", 7, ["one two", "three"]),
        ("imagenet,edra", 9, ["imagenet,", "edra"]),
        ("/srv/data/edra", 10, ["/srv/data/", "edra"]),
        ("synthetic-phone", 15, ["synthetic-phone"]),
        ("synthetic-phone", 12, ["synthetic-", "phone"]),
        ("synthetic-phone", 8, ["syntheti", "c-phone"]),
        ("a synthetic-phone b", 8, ["a", "syntheti", "c-phone", "b"]),
    ],
)
def test_a_cell_is_broken_after_blanks_commas_and_slashes_and_in_a_word_that_is_too_long(text, width, lines):
    assert broken(text, width) == lines


@pytest.mark.parametrize("width", [60, 70, 80, 100])
def test_a_table_is_no_wider_than_asked_and_loses_nothing(width):
    text = console.table(HEADERS, ROWS, width=width, whole=("run",))
    assert max(map(len, text.split("\n"))) <= width
    for row in ROWS:
        assert str(row[1]) in text
    squeezed = "".join(text.split())
    for part in ("synthetic-", "12.5", "7.25", "well", "length"):
        assert part in squeezed


def test_a_table_that_fits_is_as_it_always_was():
    assert console.table(HEADERS, ROWS, width=200) == console.table(HEADERS, ROWS)


def test_a_word_is_broken_only_where_every_other_column_is_as_narrow_as_its_words():
    """The heading's words go below each other before a dataset's name is broken."""
    headers, rows = ["balanced accuracy", "chain"], [["1", "imagenet,synthetic-dermoscopy"]]
    assert console.table(headers, rows, width=30).split("\n") == [
        "balanced  chain",
        "accuracy",
        "--------  --------------------",
        "1         imagenet,",
        "          synthetic-dermoscopy",
    ]
    assert console.table(headers, rows, width=28).split("\n")[4:] == ["          synthetic-", "          dermoscopy"]


def test_what_can_be_spared_goes_in_its_order_and_only_where_there_is_no_room():
    def headings(width):
        return (
            console.table(HEADERS, ROWS, width=width, whole=("run",), spare=("note", "figure")).split("\n")[0].split()
        )

    assert headings(100) == ["run", "chain", "figure", "note"]
    assert headings(54) == ["run", "chain", "figure"]
    assert headings(44) == ["run", "chain"]


def test_an_id_is_never_cut_even_where_nothing_fits():
    text = console.table(HEADERS, ROWS, width=20, whole=("run",))
    assert "20261128-082603-8004" in text


def test_numbers_are_never_broken_and_stand_to_the_right():
    lines = console.table(["a", "n"], [["word " * 10, 123456789]], width=20).split("\n")
    assert lines[2].endswith("  123456789")
    assert all(len(line) <= 20 for line in lines)
