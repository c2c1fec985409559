"""Names that are formulas, commands of a terminal, or lines of their own, in every form that an evaluation has."""

from __future__ import annotations

import csv
import io
import json

import pytest

from derm_cli.evaluation.predictions import read_predictions, write_predictions
from tests.support.painting import Painter

ESCAPE, CLEAR = "\x1b[31mred", "\x9b2Jgone"
NAMES = ("=1+1", "@SUM(A1)", "-A1+2", "two\nlines", ESCAPE, CLEAR, "50 % & $x_1$ \\input{y}", "\u202eleft")
PRINTED = ("=1+1", "@SUM(A1)", "-A1+2", "two\\nlines", "\\x1b[31mred", "\\x9b2Jgone", "\\u202eleft")


@pytest.fixture
def table(place):
    """A predictions table whose classes, cases and patients have such names."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["case_id", "label", "prediction", "patient", "sex"])
    for row in range(64):
        label, prediction = NAMES[row % 8], NAMES[(row * 3) % 8]
        writer.writerow([f"={row}+1", label, prediction, f"@{row // 2}x", ("+m", "\x1bf")[row % 2]])
    path = place.root / "test.csv"
    path.write_bytes(file.getvalue().encode())
    return path


def commands_in(text: str) -> list[str]:
    return [each for each in text if not each.isprintable() and each not in "\n\u2068\u2069"]


def test_a_terminal_gets_no_command_and_a_table_keeps_its_lines(place, table):
    result = place.derm("evaluate", "--predictions", table, "--draws", "20", "--all", COLUMNS="400")
    assert commands_in(result.stdout + result.stderr) == []
    for name in PRINTED:
        assert name in result.stdout
    lines = result.stdout.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("class"))
    assert sum(any(line.startswith(name) for name in PRINTED) for line in lines[begin + 2 : begin + 10]) == 7


def test_json_has_the_names_as_they_are_and_no_command(place, table):
    printed = place.derm("evaluate", "--predictions", table, "--draws", "0", "--json").stdout
    assert "\x1b" not in printed
    assert "\x9b" not in printed
    assert set(json.loads(printed)["per_class"]) == set(NAMES)


def test_files_for_a_spreadsheet_have_no_formula_and_those_for_tex_no_line_of_their_own(place, table):
    csv_file, latex, again = (place.root / name for name in ("figures.csv", "tables.tex", "again.csv"))
    asked = ("evaluate", "--predictions", table, "--draws", "0", "--csv", csv_file, "--latex", latex, "--table", again)
    place.derm(*asked)
    for path in (csv_file, again):
        cells = [cell for row in csv.reader(io.StringIO(path.read_text("utf-8"), newline="")) for cell in row]
        assert [cell for cell in cells if cell.lstrip()[:1] in {*"=+@"}] == []
        assert [cell for cell in cells if cell.startswith("-") and cell != "-" and not _is_number(cell)] == []
    first, second = read_predictions(table), read_predictions(again)
    assert (first.classes, first.case_ids) == (second.classes, second.case_ids)
    assert first.labels.tolist() == second.labels.tolist()
    assert {name: values.tolist() for name, values in first.metadata.items()} == {
        name: values.tolist() for name, values in second.metadata.items()
    }
    text = latex.read_text("utf-8")
    assert commands_in(text) == []
    assert r"two\textbackslash{}nlines" in text
    assert r"\input" not in text


def test_warnings_and_errors_are_printed_without_commands(place, table):
    other = place.root / f"{ESCAPE}.csv"
    write_predictions(read_predictions(table), other)
    result = place.derm("runs", "compare", table, other, "--draws", "0")
    assert "give the same answer to every case" in result.stderr
    assert commands_in(result.stdout + result.stderr) == []
    assert commands_in(place.refused("evaluate", "--predictions", place.root / f"{CLEAR}.csv")) == []


HOSTILE = "\x1b[31mred\x9b2J\u202e\ntwo"
"""A name that colours a terminal, clears it, turns its text around and begins a line."""
HOSTILE_CLASS = HOSTILE.replace("\n", "")
"""The same on one line: a class is a line of an artefact's labels, so another name is refused."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, place_in):
    """A place of a hostile name, with photographs in folders of such names, which are classes."""
    root = tmp_path_factory.mktemp("hostile") / HOSTILE
    paint = Painter((HOSTILE_CLASS, "=1+1"), size=16, seed=0)
    for name in paint.hues:
        for photograph in range(6):
            paint(root / "mine" / name / f"{photograph}{HOSTILE}.png", name)
    (root / "derm.toml").write_text("[datasets.mine]\nreader = 'folder'\npath = 'mine'\n", encoding="utf-8")
    return place_in(root)


@pytest.mark.parametrize(
    ("words", "exit_status"),
    [
        (("data", "list"), 0),
        (("data", "check", "mine"), 0),
        (("data", "check", "mine", "--html", "page.html"), 0),
        (("data", "show", "mine", "--size", "32", "--to", "sheet.png"), 0),
        (("data", "ingest", "mine", "--size", "32"), 0),
        (("data", "template", "csv", "template"), 0),
        (("data", "download", "pad-ufes-20", "--dry-run"), 0),
        (("cache", "list"), 0),
        (("cache", "clean", "--all", "--dry-run"), 0),
        (("runs", "list"), 0),
        (("runs", "show", HOSTILE), 2),
        (("train", "--chain", "mine", "--dry-run"), 0),
        (("train", "--chain", f"mine,{HOSTILE}", "--dry-run"), 2),
        (("train", "--chain", "mine", "--schedule", HOSTILE, "--dry-run"), 2),
        (("train", "--chain", "mine", "--resize", HOSTILE), 2),
        (("train", "--chain", "mine", "--leave-out", f"mine:{HOSTILE}x", "--dry-run"), 1),
        (("evaluate", "--predictions", f"{HOSTILE}.csv"), 1),
        (("predict", "model.onnx", f"{HOSTILE}.png"), 2),
        (("export", HOSTILE, "--tflite"), 2),
        (("plugins", "list"), 0),
        (("doctor",), 0),
        ((HOSTILE,), 2),
    ],
)
def test_no_command_prints_a_name_as_it_is(hostile, words, exit_status, monkeypatch):
    """Each kind of name from outside: of a folder, a class, a file, a setting, a value that was given."""
    monkeypatch.chdir(hostile.root)
    for json_asked in ((), ("--json",)):
        if json_asked and words[0] == HOSTILE:
            continue
        if words[:3] == ("data", "template", "csv"):
            words = (*words[:3], f"template{len(json_asked)}")
        result = hostile.derm(*words, *json_asked, exit_status=exit_status)
        assert commands_in(result.stdout + result.stderr) == []
        lines = (result.stdout + result.stderr).splitlines()
        assert not any(line.startswith("two") for line in lines)
        if json_asked and not exit_status:
            assert json.loads(result.stdout) is not None


def test_a_folder_whose_name_has_two_lines_is_no_class(place):
    for name in (HOSTILE, "=1+1"):
        Painter((name,), size=16, seed=0)(place.root / "mine" / name / "0.png", name)
    (place.root / "derm.toml").write_text("[datasets.mine]\nreader = 'folder'\npath = 'mine'\n", encoding="utf-8")
    said = place.refused("data", "check", "mine", DERM_CONFIG=str(place.root / "derm.toml"))
    assert "a line of text without blanks around it" in said
    assert commands_in(said) == []
    assert len(said.splitlines()) == 1


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
