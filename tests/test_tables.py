"""The header is found below titles, the delimiter by what the header names; lines are counted as editors count them."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.tables import TableError, TextTable, missing_column, read_text_table


def read(tmp_path: Path, text: str, *required: str, strict: bool = False) -> TextTable:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_text_table(path, required, strict=strict)


@pytest.mark.parametrize(
    ("text", "delimiter", "line"),
    [
        ("a,b\n1,2\n", ",", 1),
        ("a;b\n1;2\n", ";", 1),
        ("a\tb\n1\t2\n", "\t", 1),
        ("a|b\n1|2\n", "|", 1),
        ("sep=;\na;b\n1;2\n", ";", 2),
        ('"sep=:"\r\na:b\r\n1:2\r\n', ":", 2),
        ("A , B\n1,2\n", ",", 1),
        ("\n\na,b\n1,2\n", ",", 3),
        ("Results; of May; by A, B, C, D\n\na;b\n1;2\n", ";", 3),
        ("# a,b of May\na,b\n1,2\n", ",", 2),
        ("#,a,b\n#,1,2\n", ",", 1),
        ('"x;y;z",a,b\n0,1,2\n', ",", 1),
        ('"a","b"\n1,2\n', ",", 1),
    ],
)
def test_header_and_delimiter_are_found(text: str, delimiter: str, line: int, tmp_path: Path) -> None:
    table = read(tmp_path, text, "a", "b")
    assert (table.delimiter, table.header.first_line) == (delimiter, line)
    assert [row.cells[-2:] for row in table.rows] == [["1", "2"]]
    assert table.rows[0].first_line == line + 1


def test_without_required_columns_the_first_line_is_the_header(tmp_path: Path) -> None:
    table = read(tmp_path, "x\ty,z\n1\t2\n")
    assert (table.delimiter, table.header.cells) == (",", ["x\ty", "z"])


def test_the_line_that_names_most_is_taken_where_none_names_all(tmp_path: Path) -> None:
    assert read(tmp_path, "Of May\n\na;c\n1;2\n", "a", "b").header.cells == ["a", "c"]
    assert read(tmp_path, "# Of May\nx;y\n1;2\n", "a", "b").header.cells == ["x", "y"]


def test_a_row_far_below_is_no_header(tmp_path: Path) -> None:
    assert read(tmp_path, "x,y\n" + "1,2\n" * 60 + "a,b\n", "a", "b").header.cells == ["x", "y"]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    table = read(tmp_path, 'Title\na,b\n\n1,"x\ny"\n,\n2,z\na,b\n', "a", "b")
    assert [(row.first_line, row.last_line, row.cells) for row in table.rows] == [
        (4, 5, ["1", "x\ny"]),
        (7, 7, ["2", "z"]),
    ]


def test_an_empty_file_has_no_header(tmp_path: Path) -> None:
    assert read(tmp_path, "", "a").header.cells == []
    assert read(tmp_path, "\n\n", "a").header.cells == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a\n1\n2\xe9\n", "line 3 has the byte 0xe9, 'é' in Windows-1252), so it is not CSV in UTF-8: save it as CSV"),
        (b"a\n12345678901\0\n", "holds a zero byte on line 2, so it is not CSV in UTF-8: save"),
        (b"PK\x03\x04 xl/", "is an Excel workbook, so it is not CSV in UTF-8: save it as CSV in UTF-8, which spread"),
        (b'a\n"1\n', "line 2: 'unexpected end of data' is no CSV"),
        (b"a\n" + b"1" * 200_000, "is no CSV"),
    ],
)
def test_what_is_no_table_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(TableError) as caught:
        read_text_table(path, ("a",), strict=True)
    assert str(caught.value).startswith(f"'{path}'")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_column_is_told_with_those_that_are_there() -> None:
    assert missing_column(Path("t"), "label", ["Lable", ""]) == (
        "'t' has no column 'label', but 'Lable' (Did you mean 'Lable'?)"
    )
    assert missing_column(Path("t"), "label", []) == "'t' has no column 'label': it is empty"
    assert missing_column(Path("t"), "x", [f"column {i}" for i in range(99)]).endswith("'column 11', …")
