"""The streams of a process, whatever it was given."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from derm_cli import streams

PROGRAM = """
import os, sys
from derm_cli.streams import drop_output, prepare_streams

prepare_streams()
"""


@pytest.fixture(autouse=True)
def registered():
    streams.codecs.register_error("derm-plain", streams.plain)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("39.7–89.2 %, 3 × 4 ± 1 …", "ascii", "39.7-89.2 %, 3 x 4 +/- 1 ..."),
        ("39.7–89.2 %, 3 × 4 ± 1 …", "latin-1", "39.7-89.2 %, 3 × 4 ± 1 ..."),
        ("Märzfleck", "latin-1", "Märzfleck"),
        ("Märzfleck", "ascii", "M\\xe4rzfleck"),
        ("\N{SMILING FACE WITH SMILING EYES}\udce4", "cp1252", "\\U0001f60a\\udce4"),
        ("every – character", "utf-8", "every – character"),
    ],
)
def test_what_an_encoding_has_not_is_said_otherwise(text, encoding, expected):
    assert text.encode(encoding, "derm-plain").decode(encoding) == expected


def test_what_cannot_be_read_is_no_matter_of_characters():
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("utf-8", "derm-plain")


def run(program: str, redirection: str) -> subprocess.CompletedProcess[str]:
    shell = ["bash", "-c", f'exec "$@" {redirection}', "bash", sys.executable, "-c", PROGRAM + program]
    # Python buffers, as it does where nobody has told it otherwise.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(shell, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("redirection", "closed"),
    [("<&-", {0}), (">&-", {1}), ("2>&-", {2}), (">&- 2>&-", {1, 2}), ("<&- >&- 2>&-", {0, 1, 2})],
)
def test_what_is_closed_leads_nowhere_and_no_file_gets_its_number(tmp_path, redirection, closed):
    report = tmp_path / "report"
    # A child inherits the streams, and a library writes to the numbers 1 and 2.
    program = f"""
import subprocess
print("out", flush=True); print("err", file=sys.stderr, flush=True)
with open({str(report)!r}, "w") as file:
    file.write(str(file.fileno()) + " " + repr(sys.stdin.read()))
    file.flush()
    os.write(1, b"library"); os.write(2, b"library")
    subprocess.run([sys.executable, "-c", "import os; os.write(1, b'child'); os.write(2, b'child')"], check=True)
"""
    done = run(program, redirection + ("" if 0 in closed else " </dev/null"))
    assert done.returncode == 0, done.stderr
    number, content = report.read_text().split()
    assert int(number) > 2
    assert content == "''"
    assert done.stdout == ("" if 1 in closed else "out\nlibrarychild")
    assert done.stderr == ("" if 2 in closed else "err\nlibrarychild")


def test_another_file_that_has_the_number_of_a_closed_stream_keeps_it(tmp_path):
    taken = tmp_path / "taken"
    taking = f"import os; assert os.open({str(taken)!r}, os.O_RDWR | os.O_CREAT) == 1\n"
    program = "print('lost', flush=True)\nos.write(1, b'kept')"
    shell = ["bash", "-c", 'exec "$@" >&-', "bash", sys.executable, "-c", taking + PROGRAM + program]
    subprocess.run(shell, stdin=subprocess.DEVNULL, check=True)
    assert taken.read_text() == "kept"


@pytest.mark.parametrize("gone", ["2>/dev/full", "2> >(true)"])
def test_what_standard_error_does_not_take_ends_nothing(gone):
    program = (
        "import time; time.sleep(0.2)\nfor _ in range(9): print('x' * 9999, file=sys.stderr, flush=True)\nprint('done')"
    )
    done = run(program, gone)
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_what_standard_output_did_not_take_is_dropped_where_that_was_told():
    told = "\ntry:\n    print('lost', flush=True)\nexcept OSError as error:\n    print(error.errno, file=sys.stderr)\n"
    kept = run(told, ">/dev/full")
    dropped = run(told + "drop_output()", ">/dev/full")
    assert (kept.returncode, dropped.returncode) == (120, 0), "Python tries again as it ends"
    assert dropped.stderr == "28\n"


def test_a_stream_that_is_no_file_is_left_as_it_is(monkeypatch):
    mine = io.StringIO()
    monkeypatch.setattr(sys, "stdout", mine)
    monkeypatch.setattr(sys, "stderr", mine)
    streams.prepare_streams()
    assert (sys.stdout, sys.stderr) == (mine, mine)
