"""Tables in the terminal: rows that are folded are counted, and printed where that is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from derm_cli.cli.shared import printing
from derm_cli.cli.shared.printing import echo_sentence, echo_table, print_tables
from derm_cli.evaluation.reporting.tables.table import Table
from tests.support.terminal import on_a_terminal

TITLE = "Subgroups whose gap is more than chance gives"


def table(told: int, folded: int) -> Table:
    rows = tuple((f"value{number}", number) for number in range(told + folded))
    sentence = f"{folded} other subgroups: {folded} whose gap may be chance." if folded else ""
    return Table("slices", TITLE, ("by", "cases"), rows, folded=folded, fold_title=sentence)


@pytest.mark.parametrize(
    ("told", "folded", "unfold", "said", "unsaid"),
    [
        (2, 3, "--all", ("value1", "3 other subgroups: 3 whose gap may be chance. --all prints them."), ("value2",)),
        (0, 3, "--all", (TITLE, "None.", "--all prints them."), ("value0",)),
        (2, 3, "", ("value1", "value2", "value4"), ("other subgroups", "None.")),
        (2, 0, "--all", ("value0", "value1"), ("--all", "None.")),
    ],
)
def test_folded_rows_are_counted_or_printed(capsys, told, folded, unfold, said, unsaid) -> None:
    print_tables([table(told, folded)], "Test photographs", (), synthetic=False, unfold=unfold)
    printed = capsys.readouterr().out
    for words in said:
        assert words in printed
    for words in unsaid:
        assert words not in printed


@pytest.fixture
def terminal(monkeypatch):
    """Standard output is a terminal, in whose colours words are printed as they are."""
    shown = []
    monkeypatch.setattr(printing.sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(printing.click, "echo", lambda text, **_: shown.append(text))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return shown


ROWS = [["run-1", "finished (synthetic)"], ["run-2", "failed"], ["failed-run", "damaged"]]


def test_headings_and_how_a_run_stands_are_in_colours(terminal):
    echo_table(["run", "status"], ROWS)
    (text,) = terminal
    assert "\x1b[1mrun         status\x1b[0m\n" in text
    assert "run-1       \x1b[32mfinished\x1b[0m (synthetic)" in text
    assert "run-2       \x1b[31mfailed\x1b[0m" in text
    assert "failed-run  damaged" in text


def test_a_first_column_without_a_heading_is_no_fault(terminal):
    echo_table(["", "run", "status"], [["", "run-1", "failed"]])
    assert terminal == ["\x1b[1m  run    status\x1b[0m\n  -----  ------\n  run-1  \x1b[31mfailed\x1b[0m"]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_who_wants_no_colours_has_none(terminal, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    echo_table(["run", "status"], ROWS)
    assert "\x1b" not in terminal[0]


def test_a_pipe_has_neither_colours_nor_broken_cells(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    echo_table(["run", "status"], [["run-1", "word " * 60 + "end"]])
    assert capsys.readouterr().out.splitlines()[2].endswith("word end")


def test_what_names_command_a_terminal_is_escaped_in_a_table_too(terminal):
    echo_table(["run"], [["\x1b[2J"]])
    assert "\\x1b[2J" in terminal[0]


CLASSES = Table("classes", "Per-class metrics", ("class", "cases", "sensitivity %"), (("MEL", 3, "50 (20–80)"),))
TITLES = {"MEL": "melanoma", "NEV": "nevus"}


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        ("80", ["MEL melanoma      3  50 (20–80)"]),
        ("30", ["MEL        3  50 (20–80)", "", "MEL melanoma"]),
    ],
)
def test_a_terminal_shows_what_classes_are_called_beside_their_names_or_below(capsys, monkeypatch, columns, lines):
    monkeypatch.setenv("COLUMNS", columns)
    print_tables([CLASSES], "Test photographs", (), synthetic=False, titles=TITLES)
    assert capsys.readouterr().out.splitlines()[4:] == lines


def test_a_pipe_has_the_names_of_classes_alone(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    print_tables([CLASSES], "Test photographs", (), synthetic=False, titles=TITLES)
    assert "melanoma" not in capsys.readouterr().out


def test_sentences_are_broken_between_words_on_a_terminal_alone(capsys, monkeypatch):
    sentence = "some words " * 12 + "and a-hyphenated-end"
    monkeypatch.setenv("COLUMNS", "40")
    echo_sentence(sentence)
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines) == sentence
    assert max(map(len, lines)) <= 40
    monkeypatch.delenv("COLUMNS")
    echo_sentence(sentence)
    assert capsys.readouterr().out == sentence + "\n"


DERM = (sys.executable, "-c", "import sys; sys.argv[0] = 'derm'; from derm_cli.cli import main; main()")
WARNED = {"DERM_EVALUATE_DRAW": "3"}
ERROR, WARNING = "\x1b[1;31mError:\x1b[0m", "\x1b[1;33mWarning:\x1b[0m"


def shown(*words: str, **environment: str) -> str:
    """Return what a command that fails shows on a terminal."""
    command = ["sh", "-c", '"$@" || true', "sh", *DERM, *words]
    return on_a_terminal(command, {"NO_COLOR": "", **environment}, output=True).replace("\r\n", "\n")


def test_errors_and_warnings_stand_out_on_a_terminal(own_home):
    """Those of commands, of words that are no command's, and of what comes before a command's name."""
    text = shown("evaluate", "none", **WARNED)
    assert text.startswith(f"{WARNING} the environment variable 'DERM_EVALUATE_DRAW' gives no option of ")
    assert f"\n{ERROR} There is no run 'none' in 'runs'." in text
    assert f"\n\n{ERROR} " in shown("evaluate", "--draws", "x"), "behind the usage"
    assert f"\n\n{ERROR} " in shown("--nothing")


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_they_are_plain_where_colours_are_not_wanted(own_home, environment):
    """To the byte what stands where there is no terminal."""
    piped = subprocess.run([*DERM, "evaluate", "none"], check=False, capture_output=True, text=True)
    assert piped.stderr.startswith("Error: There is no run 'none' in 'runs'.")
    assert shown("evaluate", "none", **environment) == piped.stderr
