"""Cells that a spreadsheet would run are written as text, and read back as they were."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from derm_cli.csv_cells import inert, inert_frame, original, read_frame, read_rows, row_writer, write_frame
from derm_cli.frames import texts_in_python

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "+A1",
    "-A1+2",
    "  =1+1",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "'=1+1",
    "''=1+1",
    "'-5",
    "=\n1",
]
HARMLESS = ["", "nv", "-5", "+3.5", "-1e-5", "-inf", "1-2", "a=b", "-", "=", "@", "'", "'quoted'", "O'Neill", "p_=x"]


LINE_ENDS = ["a\rb", "\r", "a\r\nb", "a\nb", "a\n\r", "a,b\r", '"\r"', "\u2028", "\x85", "\x0b"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_written_as_text_and_read_back(text):
    assert inert(text) == f"'{text}"
    assert original(inert(text)) == text
    assert original(inert(inert(text))) == inert(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_formula_stays(text):
    assert inert(text) == text
    assert original(text) == text


@pytest.mark.parametrize("value", [-5, -0.5, None, True])
def test_what_is_no_text_stays(value):
    assert inert(value) is value


def test_a_frame_is_read_back_from_its_file(tmp_path):
    texts = [*FORMULAS, *LINE_ENDS]
    with texts_in_python():
        frame = pd.DataFrame({"case": texts, "=name": (HARMLESS * 2)[: len(texts)], "x": ["1"] * len(texts)})
    write_frame(frame, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "t.csv"), frame, check_dtype=False)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        assert read_rows(file) == frame.to_dict("records")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if inert(cell) != cell and not cell.startswith("'")]


def test_every_kind_of_line_end_stays_in_its_cell():
    file = io.StringIO(newline="")
    rows = [["a", "b"], *([text, "x"] for text in LINE_ENDS)]
    row_writer(file).writerows(rows)
    assert list(csv.reader(io.StringIO(file.getvalue(), newline=""))) == rows
    assert file.getvalue().startswith('a,b\n"a\rb",x\n"\r",x\n')


def test_a_frame_without_a_formula_is_written_to_the_same_bytes(tmp_path):
    frame = pd.DataFrame({"a": [1, None, 3], "b": [1, None, "x"], "c": [True, False, True], "d": [0.1, 2.0, -3.0]})
    texts = []
    for each in (frame, inert_frame(frame)):
        file = io.StringIO()
        each.to_csv(file, index=False)
        texts.append(file.getvalue())
    write_frame(frame, tmp_path / "t.csv")
    assert texts[0] == texts[1] == (tmp_path / "t.csv").read_text(encoding="utf-8")
    pd.testing.assert_frame_equal(frame, inert_frame(frame))


WITHOUT_RETURNS = [text for text in (*FORMULAS, *HARMLESS, *LINE_ENDS, 'a "word"', " blank ") if "\r" not in text]


@pytest.mark.parametrize("text", WITHOUT_RETURNS)
def test_cells_without_a_carriage_return_are_written_to_the_same_bytes_by_python_s_own_writer(text):
    written = []
    for returns in (True, False):
        file = io.StringIO(newline="")
        row_writer(file, has_carriage_returns=returns).writerows([[text, 0.1], [1, text]])
        written.append(file.getvalue())
    assert written[0] == written[1]
