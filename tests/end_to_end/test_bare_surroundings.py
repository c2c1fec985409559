"""What surrounds a process and is not as on a desk: cron, systemd, containers, streams that are closed, old locales."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from derm_cli.cli import COMMANDS
from tests.support import trees
from tests.support.commands import QUICK
from tests.support.killing_plugin import install_plugin
from tests.support.terminal import on_a_terminal

DERM = Path(sys.executable).with_name("derm")
LIGHT = (["plugins", "list"], ["data", "list"], ["runs", "list"], ["doctor"], ["--version"])
EACH = """
import json, os, sys
from derm_cli.cli import main

statuses = {}
for arguments in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        sys.argv = ["derm", *arguments]
        main()
    statuses[arguments[0]] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
with open(sys.argv[2], "w") as file:
    json.dump(statuses, file)
"""
"""Calls ``derm`` for one list of arguments after another, each in a copy of one process, and writes how each ended."""
NAMELESS = """
import pwd

def getpwuid(number):
    raise KeyError(f"getpwuid(): uid not found: {number}")

pwd.getpwuid = getpwuid
"""
"""What Python knows of users where there is no entry for this one, as for any number given to a container."""


@dataclass(frozen=True)
class Surrounding:
    """Variables, where ``{}`` is a folder, and what a shell does to the streams."""

    variables: dict[str, str] = field(default_factory=dict)
    streams: str = "</dev/null"
    is_nameless: bool = False
    whole: bool = False
    """Whether heavier commands are called too."""
    statuses: dict[str, int] = field(default_factory=dict)
    """How commands end that do not end with 0."""


FULL = dict.fromkeys(("--version", "plugins", "data", "runs", "doctor", "evaluate", "train", *COMMANDS), 1)
SURROUNDINGS = {
    "cron": Surrounding(whole=True),
    "a user without a name or a home": Surrounding(is_nameless=True, whole=True, statuses={"doctor": 1}),
    "a user without a name": Surrounding({"HOME": "/"}, is_nameless=True),
    "a home that is no folder": Surrounding({"HOME": "/dev/null"}),
    "a home that is not there": Surrounding({"HOME": "{}/nowhere"}),
    "an empty home": Surrounding({"HOME": ""}),
    "no folder for temporary files": Surrounding({"TMPDIR": "{}/nowhere", "TMP": "{}/nowhere"}, whole=True),
    "ASCII": Surrounding({"PYTHONIOENCODING": "ascii"}),
    "Latin-1": Surrounding({"PYTHONIOENCODING": "latin-1"}),
    "the C locale": Surrounding({"LC_ALL": "C"}),
    "the C locale, taken at its word": Surrounding(
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, whole=True
    ),
    "a narrow terminal": Surrounding({"COLUMNS": "40", "TERM": "xterm"}),
    "a terminal of no width": Surrounding({"COLUMNS": "0", "TERM": "dumb"}),
    "no output": Surrounding(streams=">&-", whole=True),
    "no errors": Surrounding(streams="2>&-", whole=True),
    "neither": Surrounding(streams=">&- 2>&-"),
    "no streams": Surrounding(streams="<&- >&- 2>&-"),
    "a full disk": Surrounding(streams="</dev/null >/dev/full", statuses=FULL),
}


@pytest.fixture(scope="module")
def place(place_in, tmp_path_factory):
    """A data folder, which nothing is to be written in, a table, and a user whom nobody knows."""
    place = place_in(tmp_path_factory.mktemp("surroundings"))
    trees.make_pad(place.data / "pad-ufes-20", per_class=3)
    rows = [f"c{number},{'ab'[number % 2]},{'ab'[number % 3 % 2]},0.25,0.75" for number in range(12)]
    (place.root / "table.csv").write_text("\n".join(["case_id,label,prediction,p_a,p_b", *rows]))
    (place.root / "nameless").mkdir()
    (place.root / "nameless" / "sitecustomize.py").write_text(NAMELESS)
    before = snapshot(place.data)
    for folder in (place.data, place.data / "pad-ufes-20"):
        folder.chmod(0o555)
    yield place
    for folder in (place.data, place.data / "pad-ufes-20"):
        folder.chmod(0o755)
    assert snapshot(place.data) == before


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def environment_in(place, surrounding: Surrounding, *paths: Path) -> dict[str, str]:
    """Return the variables of a process that has no others."""
    nameless = [place.root / "nameless"] if surrounding.is_nameless else []
    known = filter(None, [*map(str, [*nameless, *paths]), os.environ.get("PYTHONPATH")])
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(known),
        "DERM_DATA": str(place.data),
        "DERM_TRAIN_RECIPE": "paper",
        **{name: value.format(place.root) for name, value in surrounding.variables.items()},
    }


def called(command: list[str | Path], environment: dict[str, str], folder: Path, streams: str = ""):
    """Call a command with streams as a shell sets them, and return what came of it; nothing is read as it is."""
    shell = ["bash", "-c", f'exec "$@" {streams}', "bash", *command]
    return subprocess.run(
        shell, env=environment, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_every_command_does_its_work(place, tmp_path, name):
    surrounding = SURROUNDINGS[name]
    work = tmp_path / "work"
    work.mkdir()
    commands = [*([each, "--help"] for each in COMMANDS), *LIGHT]
    if surrounding.whole:
        commands += [
            ["evaluate", "--predictions", str(place.root / "table.csv")],
            ["train", "--dry-run", "--chain", "pad-ufes-20", "--size", "32", "--backbone", "effnet-lite0"],
        ]
    ended = tmp_path / "ended.json"
    # Help by itself: 'data --help' and 'data list' bear one name.
    for part in (commands[: len(COMMANDS)], commands[len(COMMANDS) :]):
        done = called(
            [sys.executable, "-c", EACH, json.dumps(part), ended],
            environment_in(place, surrounding),
            work,
            surrounding.streams,
        )
        errors = done.stderr.decode(errors="replace")
        assert done.returncode == 0, errors
        expected = {arguments[0]: surrounding.statuses.get(arguments[0], 0) for arguments in part}
        if part[0][1] == "--help" and surrounding.statuses is not FULL:
            expected = dict.fromkeys(expected, 0)
        assert json.loads(ended.read_text()) == expected, errors
        assert not re.search("Traceback|Exception ignored|did not expect", errors)
        assert ("The system refused: No space left on device" in errors) == (surrounding.statuses is FULL)
        assert (done.stdout != b"") == (">" not in surrounding.streams.replace("2>", "")), errors
    assert list(work.iterdir()) == []
    assert not (place.root / "nowhere").exists()


def test_a_folder_that_is_gone_is_worked_in(place, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    shell = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", str(DERM), "data", "list"]
    done = called(shell, environment_in(place, Surrounding()), gone)
    assert done.returncode == 0, done.stderr.decode()
    assert b"pad-ufes-20" in done.stdout


@pytest.mark.parametrize(
    ("encoding", "interval", "name"),
    [
        ("latin-1", "(39.7-89.2)", "Märzflecken - gutartig"),
        # Click takes ASCII for a locale that nobody set, and writes UTF-8.
        ("ascii", "(39.7–89.2)", "Märzflecken – gutartig"),
    ],
)
def test_a_character_that_a_stream_has_not_is_written_otherwise(place, tmp_path, encoding, interval, name):
    labels = ("nevus", "Märzflecken – gutartig")
    rows = [f"c{number},{labels[number % 2]},{labels[number % 3 % 2]}" for number in range(20)]
    (tmp_path / "table.csv").write_text("\n".join(["case_id,label,prediction", *rows]), encoding="utf-8")
    environment = environment_in(place, Surrounding({"PYTHONIOENCODING": encoding}))
    command = [DERM, "evaluate", "--predictions", "table.csv"]
    text, stored = (called([*command, *more], environment, tmp_path) for more in ([], ["--json"]))
    assert (text.returncode, stored.returncode) == (0, 0), text.stderr + stored.stderr
    shown = text.stdout.decode(encoding.replace("ascii", "utf-8"))
    assert interval in shown
    assert name in shown
    # What other programs read has the very name, whatever the encoding.
    read = json.loads(stored.stdout.decode(encoding))
    assert "Märzflecken – gutartig" in read["per_class"]


def test_a_reader_who_has_enough_ends_a_listing_without_a_word(place, tmp_path):
    shell = [
        "bash",
        "-c",
        'exec 3>&2; { "$@"; echo "status $?" >&3; } | head -1',
        "bash",
        DERM,
        "plugins",
        "list",
        "--json",
    ]
    loud = environment_in(place, Surrounding()) | {"PYTHONUNBUFFERED": "1"}
    done = subprocess.run(shell, env=loud, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["{"]
    assert done.stderr in ("status 0\n", "status 1\n"), "nothing but how it ended"


def test_in_a_narrow_terminal_nothing_is_lost_but_the_licences(place, tmp_path):
    # A cache of its own: in that of whoever tests, synthetic photographs may be drawn already.
    environment = environment_in(place, Surrounding()) | {"DERM_CACHE": str(tmp_path / "cache")}

    def characters(arguments: list[str], columns: int) -> Counter[str]:
        shown = on_a_terminal([DERM, *arguments], environment, columns=columns, output=True)
        return Counter("".join(re.sub(r"\x1b\[[0-9;]*m|-{3,}", "", shown).split()))

    assert characters(["train", "--help"], 40) == characters(["train", "--help"], 80)
    listed = subprocess.run([DERM, "data", "list", "--json"], env=environment, capture_output=True, check=True).stdout
    licences = Counter("".join(["licence", *(each["licence"] for each in json.loads(listed))]).replace(" ", ""))
    assert characters(["data", "list"], 40) == characters(["data", "list"], 400) - licences


@pytest.mark.parametrize(
    ("arguments", "surrounding", "sentence"),
    [
        (
            ["data", "ingest", "pad-ufes-20", "--size", "32"],
            Surrounding(is_nameless=True),
            "has no home folder, and so none for the cache of decoded photographs: name one with --cache DIR or DERM_C",
        ),
        (
            ["data", "check", "synthetic-phone"],
            Surrounding(is_nameless=True),
            "name one with --cache DIR or DERM_CACHE",
        ),
        (["cache"], Surrounding(is_nameless=True), "name one with --cache DIR or DERM_CACHE"),
        (
            ["data", "ingest", "pad-ufes-20", "--size", "32"],
            Surrounding({"HOME": "/dev/null"}),
            "or name another folder for the cache with --cache DIR or DERM_CACHE",
        ),
        (
            ["--data", "~nobody-here/d", "data", "list"],
            Surrounding(),
            "'~nobody-here/d' begins with a home folder that",
        ),
        (
            ["data", "download", "pad-ufes-20", "--to", "~nobody-here/d"],
            Surrounding(),
            "'~nobody-here/d' begins with a home folder that",
        ),
    ],
)
def test_what_needs_a_folder_that_is_not_to_be_had_says_how_to_name_one(
    place, tmp_path, arguments, surrounding, sentence
):
    done = called([DERM, *arguments], environment_in(place, surrounding), tmp_path)
    (error,) = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout) == (1, b"")
    assert error.startswith("Error: ")
    assert sentence in error
    assert list(tmp_path.iterdir()) == []


def test_without_a_cache_what_would_be_drawn_into_it_is_left_out_of_the_list(place, tmp_path):
    environment = environment_in(place, Surrounding(is_nameless=True))
    listing = called([DERM, "data", "list", "--json"], environment, tmp_path)
    datasets = {each["name"]: each["synthetic"] for each in json.loads(listing.stdout)}
    assert "pad-ufes-20" in datasets
    assert not any(datasets.values())
    assert b"Warning: synthetic-clinic, synthetic-dermoscopy, synthetic-phone cannot be drawn. The" in listing.stderr
    doctor = called([DERM, "doctor"], environment, tmp_path)
    assert re.search(rb"PROBLEM +cache +none, for want of a home folder: name one with --cache DIR", doctor.stdout)


def test_without_a_cache_a_file_is_written_where_it_was_asked_for(place, tmp_path):
    command = [DERM, "evaluate", "--predictions", place.root / "table.csv", "--csv", "metrics.csv"]
    done = called(command, environment_in(place, Surrounding(is_nameless=True)), tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.csv"]


@pytest.mark.parametrize(
    ("surrounding", "errors"),
    [
        (
            Surrounding(
                {"PYTHONIOENCODING": "latin-1", "TMPDIR": "{}/nowhere", "DERM_CACHE": "{}/cache"}, is_nameless=True
            ),
            ["Warning: the salt of patients' hashes cannot be kept (there is no home folder)", "Run 2"],
        ),
        (Surrounding({"HOME": "/dev/null", "DERM_CACHE": "{}/cache"}, streams="<&- >&- 2>&-"), []),
    ],
)
def test_a_training_comes_to_its_end(place, tmp_path, surrounding, errors):
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    environment = environment_in(place, surrounding, install_plugin(plugin))
    command = [DERM, "train", *QUICK, "--backbone", "tiny", "--chain", "pad-ufes-20", "--test-share", "0.4"]
    command += ["--validation-share", "0"]
    done = called(command, environment, tmp_path, surrounding.streams)
    said = done.stderr.decode("latin-1").splitlines()
    assert done.returncode == 0, said
    assert len(said) == len(errors), said
    assert all(line.startswith(error) for line, error in zip(said, errors, strict=True))
    (run,) = (tmp_path / "runs").glob("2*")
    assert json.loads((run / "run.json").read_text())["status"] == "finished"
    # What a library prints by the number of a stream, such as '… cpu_feature_guard.cc:210]', gets into no file.
    for path in run.iterdir():
        assert not re.search(rb"\.cc:\d+\]", path.read_bytes()), path
    assert json.loads((run / "plan.json").read_text())["target"] == "pad-ufes-20"
