import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from derm_cli import console
from derm_cli.quiet import quietly
from tests.support.terminal import on_a_terminal


def test_numbers_stand_to_the_right_and_text_to_the_left():
    assert console.table(["class", "n"], [["MEL", 5], ["NV", 120]]).splitlines() == [
        "class    n",
        "-----  ---",
        "MEL      5",
        "NV     120",
    ]


def test_an_empty_table_is_its_headers():
    assert console.table(["a"], []).splitlines() == ["a", "-"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(4.6, "0:05"), (59.6, "1:00"), (720, "12:00"), (3599.7, "1:00:00"), (3723, "1:02:03")]
)
def test_seconds_are_shown_as_a_clock_shows_them(seconds, shown):
    assert console.clock(seconds) == shown


def test_json_has_no_nan():
    assert json.loads(console.as_json({"a": [float("nan"), 1.5], "b": float("inf")})) == {"a": [None, 1.5], "b": None}


def test_progress_is_silent_without_a_terminal(capsys):
    assert list(console.progress([1, 2], "Reading", 2)) == [1, 2]
    assert capsys.readouterr().err == ""


def test_progress_on_a_terminal_is_a_bar_with_the_time_left():
    """A real terminal: the library looks whether there is one, and how wide it is."""
    program = (
        "import time\nfrom derm_cli.console import progress\n"
        "for _ in progress(range(4), 'Reading', 4):\n    time.sleep(0.15)"
    )
    shown = on_a_terminal([sys.executable, "-c", program])
    assert re.search(r"Reading: +50%.* 2/4 \[00:00<00:00", shown), shown


def test_a_bar_s_note_stands_in_place_of_its_own_time_left():
    program = (
        "import time\nfrom derm_cli.console import progress_bar\n"
        "with progress_bar(4, 'Reading', note=lambda: '2:10 left') as advance:\n"
        "    for _ in range(4):\n        advance(1)\n        time.sleep(0.15)"
    )
    shown = on_a_terminal([sys.executable, "-c", program], columns=80)
    assert re.search(r"Reading: +50%\|.*\| 2/4, 2:10 left", shown), shown
    assert "<" not in shown


def test_an_activity_stands_in_the_bar_that_is_there_else_in_a_line_of_its_own():
    program = (
        "from derm_cli.console import activity, progress_bar\n"
        "with activity('evaluating …'):\n    pass\n"
        "with progress_bar(4, 'Reading') as advance:\n"
        "    with activity('compiling …'):\n        pass\n    advance(4)\n"
    )
    shown = on_a_terminal([sys.executable, "-c", program], columns=80)
    assert re.search(r"Evaluating … *\r", shown), shown
    assert re.search(r"Reading, compiling …: +0%.*Reading: +0%", shown, re.DOTALL), shown
    assert shown.rstrip(" \r").endswith("\r") or not shown.rstrip(" \r").endswith("…")


def test_an_activity_is_silent_without_a_terminal(capsys):
    with console.activity("compiling …"):
        pass
    assert capsys.readouterr().err == ""


def test_the_width_of_the_terminal_is_that_of_the_one_that_is_there(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    program = "import sys\nfrom derm_cli.console import terminal_width\nprint(terminal_width(), file=sys.stderr)"
    assert on_a_terminal([sys.executable, "-c", program], columns=83).strip() == "83"
    monkeypatch.setenv("COLUMNS", "91")
    assert console.terminal_width() == 91


def test_warnings_leave_standard_output_clean(capsys):
    console.warn("look")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Warning: look\n")


def test_a_warning_is_told_once_where_that_is_asked_and_not_at_all_where_it_was_told_before(capsys):
    with console.warnings_once():
        for _ in range(3):
            console.warn("odd")
        console.warn("even")
    with console.without_warnings():
        console.warn("unheard")
    console.warn("odd")
    assert capsys.readouterr().err == "Warning: odd\nWarning: even\nWarning: odd\n"


def test_a_warning_stands_above_the_bar_of_a_terminal():
    program = (
        "import time\nfrom derm_cli.console import progress, warn\n"
        "for each in progress(range(4), 'Reading', 4):\n"
        "    time.sleep(0.15)\n    each == 1 and warn('look')"
    )
    shown = on_a_terminal([sys.executable, "-c", program])
    assert re.search(r"[\r\n]\x1b\[1;33mWarning:\x1b\[0m look\r\n", shown), shown
    assert re.search(r"Warning:\x1b\[0m look\r\n\r?Reading: +\d+%", shown), shown


def test_who_calls_from_python_can_have_warnings_elsewhere():
    program = (
        "import logging\nfrom derm_cli import console\nconsole.warn('as a line')\n"
        "logger = logging.getLogger('derm')\nlogger.handlers.clear()\nlogger.propagate = True\n"
        "logging.basicConfig(format='%(name)s %(levelname)s %(message)s')\nconsole.warn('as they are logged')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == "Warning: as a line\nderm WARNING as they are logged\n"


def test_a_warning_does_not_command_the_terminal(capsys):
    console.warn("'a\x1b[31m.jpg' and 'M\udce4rz.jpg'")
    assert capsys.readouterr().err == "Warning: 'a\\x1b[31m.jpg' and 'M\\udce4rz.jpg'\n"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", '"Märzfleck – 😊"'),
        ("latin-1", '"M\\u00e4rzfleck \\u2013 \\ud83d\\ude0a"'),
        (None, '"Märzfleck – 😊"'),
    ],
)
def test_json_has_what_standard_output_can_take(monkeypatch, encoding, written):
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(encoding=encoding))
    assert console.as_json("Märzfleck – 😊") == written
    assert json.loads(console.as_json("Märzfleck – 😊")) == "Märzfleck – 😊"


class Gone:
    """A stream that nobody reads any more."""

    encoding = "utf-8"

    def isatty(self):
        return False

    def write(self, *_):
        raise BrokenPipeError

    flush = write


@pytest.mark.parametrize("stream", [None, Gone()])
def test_whoever_calls_derm_from_python_may_have_no_streams(monkeypatch, stream):
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", None)
        patched.setattr(sys, "stderr", stream)
        console.warn("nobody reads this")
        assert list(console.progress([1, 2], "Reading")) == [1, 2]
        with quietly():
            pass


def test_a_plugin_s_command_says_a_line_in_which_nothing_commands_the_terminal(capsys):
    console.say("a name: \x1b[2J")
    said = capsys.readouterr().out
    assert said.startswith("a name: ")
    assert said.endswith("\n")
    assert "\x1b" not in said
