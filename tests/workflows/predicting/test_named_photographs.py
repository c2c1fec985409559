"""Each way to name photographs, and that each name stays as it was typed."""

from __future__ import annotations

import io
import itertools
import os
import sys
from pathlib import Path

import pytest

from derm_cli.errors import RequestError
from derm_cli.workflows.predicting.named_photographs import NamedPhotographs, names_photographs

FILES = ("a.jpg", "in/b.PNG", "in/deep/c.webp", "in/deep/notes.txt", "in/.hidden.jpg", "in/__MACOSX/d.jpg", "in/e")
LIST = "\ufeffin/b.PNG\r\n\n./a.jpg\nnone.jpg\nin/deep\n"

NAMED = {
    "a file": (["a.jpg"], ["a.jpg"]),
    "a file, in other words": (["./in/../a.jpg"], ["./in/../a.jpg"]),
    "a file that is not there": (["none.jpg"], ["none.jpg"]),
    "a folder": (["in"], ["in/b.PNG", "in/deep/c.webp"]),
    "a folder, in other words": (["./in/"], ["./in/b.PNG", "./in/deep/c.webp"]),
    "a pattern": (["?.jpg"], ["a.jpg"]),
    "a pattern of folders below": (["in/**/*.webp"], ["in/deep/c.webp"]),
    "a pattern of any ending": (["in/e*"], ["in/e"]),
    "a file that is called as a pattern": (["x[1].jpg"], ["x[1].jpg"]),
    "a list": (["@list.txt"], ["in/b.PNG", "./a.jpg", "none.jpg", "in/deep/c.webp"]),
    "a file that is called as a list": (["@a.jpg"], ["@a.jpg"]),
    "several, in their order": (["in/deep", "a.jpg", "in/deep"], ["in/deep/c.webp", "a.jpg", "in/deep/c.webp"]),
    "standard input": (["-", "a.jpg"], ["in/b.PNG", "./a.jpg", "none.jpg", "in/deep/c.webp", "a.jpg"]),
}


@pytest.fixture(autouse=True)
def files(own_home, monkeypatch):
    for name in (*FILES, "x[1].jpg", "@a.jpg"):
        path = own_home / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (own_home / "work" / "list.txt").write_text(LIST, encoding="utf-8", newline="")
    (own_home / "work" / "empty").mkdir()
    (own_home / "work" / "empty.txt").write_text("\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO(LIST))


@pytest.mark.parametrize("how", NAMED)
def test_what_is_named(how):
    arguments, expected = NAMED[how]
    assert list(NamedPhotographs(arguments)) == expected


@pytest.mark.parametrize("how", [how for how in NAMED if how != "standard input"])
def test_they_are_counted_before(how):
    arguments, expected = NAMED[how]
    assert NamedPhotographs(arguments).count_and_width() == (len(expected), max(map(len, expected)))


def test_of_standard_input_it_is_not_known_how_many_there_are():
    assert NamedPhotographs(["-", "a.jpg"]).count_and_width() == (None, 0)


REFUSED = {
    "an empty folder": (["a.jpg", "empty"], "'empty' is a folder without a photograph, and neither a run nor a bundle"),
    "a list of nothing": (["@empty.txt"], "'@empty.txt' is a list without a photograph"),
    "a list that is not there": (["@none.txt"], "'@none.txt' names a list that cannot be read"),
    "a pattern that nothing has": (["*.gif"], "'*.gif' is a pattern that no file has"),
    "standard input twice": (["-", "-"], "'-' is given twice"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_names_no_photograph_is_refused_before_the_first_is_asked_about(how):
    arguments, said = REFUSED[how]
    with pytest.raises(RequestError, match=said.replace("*", r"\*")):
        NamedPhotographs(arguments)


def test_a_photograph_in_the_place_of_a_list_is_told():
    Path("binary.txt").write_bytes(b"\x89PNG\0\0")
    with pytest.raises(RequestError, match=r"Line 1 of 'binary.txt' is no path but binary"):
        NamedPhotographs(["@binary.txt"])


def test_a_name_that_is_no_text_stays_what_it_is():
    Path("names.txt").write_bytes(b"caf\xe9.jpg\n")
    assert [os.fsencode(name) for name in NamedPhotographs(["@names.txt"])] == [b"caf\xe9.jpg"]


def test_standard_input_is_read_line_by_line(monkeypatch):
    reading, writing = os.pipe()
    with os.fdopen(reading) as stream, os.fdopen(writing, "wb", buffering=0) as other:
        monkeypatch.setattr(sys, "stdin", stream)
        names = iter(NamedPhotographs(["-"]))
        for name in (b"a.jpg", b"in/b.PNG"):
            other.write(name + b"\n")
            assert next(names) == name.decode()
        other.write(b"last.jpg")
        other.close()
        assert list(names) == ["last.jpg"]


def test_a_large_folder_is_not_listed_before(monkeypatch):
    folders = itertools.count()

    def walk(top):
        for number in folders:
            yield f"{top}/{number}", [], ["a.jpg"]

    monkeypatch.setattr(os, "walk", walk)
    names = iter(NamedPhotographs(["in"]))
    assert list(itertools.islice(names, 2)) == ["in/1/a.jpg", "in/2/a.jpg"]


@pytest.mark.parametrize(
    ("argument", "are_several"),
    [
        ("-", True),
        ("@list.txt", True),
        ("*.jpg", True),
        ("in", False),
        ("x[1].jpg", False),
        ("@a.jpg", False),
        ("@", False),
    ],
)
def test_several_are_known_by_their_form(argument, are_several):
    assert names_photographs(argument) == are_several
