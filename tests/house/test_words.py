"""Words: those that were dropped name nothing, and the table of docs/contributing.md says where each lives."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.sources import ROOT, defined_names, relative, source_files

DROPPED = frozenset(
    {
        *("carrying", "contrasting", "dealer", "dealing", "deck", "exhibited", "exhibiting", "gathering", "lesson"),
        *("lessons", "remembering", "rereading", "sameness", "sheets", "shelf", "witness", "witnesses"),
    }
)
"""Words that stood for things that have a name in machine learning, medicine or software."""
PAGE = ROOT / "docs" / "contributing.md"
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words_of(name: str) -> set[str]:
    """Return the words that a name is made of, in lower case: of ``_LessonPlan`` ``lesson`` and ``plan``."""
    return {word for part in name.split("_") for word in CAMEL.sub("_", part).lower().split("_") if word}


def dropped_names(source: str, module: str = "") -> list[str]:
    """Return the names of a module, its own among them, that have a dropped word, each with its line."""
    names = [(0, module), *defined_names(ast.parse(source))]
    return [f"{line}: {name}" for line, name in names if words_of(name) & DROPPED]


def test_dropped_words_name_nothing():
    files = source_files()
    found = {relative(path): dropped_names(path.read_text(encoding="utf-8"), path.stem) for path in files}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("class Witness: ...", ["1: Witness"]),
        ("def f(lesson): ...", ["1: lesson"]),
        ("def exhibiting(): ...", ["1: exhibiting"]),
        ("for deck in (): ...", ["1: deck"]),
        ("import a as shelf", ["1: shelf"]),
        ("x.lessons = 1", ["1: lessons"]),
        ("_FirstLesson = 1", ["1: _FirstLesson"]),
        ("# a deck of cards\nx = 'lesson'", []),
    ],
)
def test_a_dropped_word_is_found_wherever_it_names_something(source, names):
    assert dropped_names(source) == names


def test_a_module_that_bears_a_dropped_word_is_found():
    assert dropped_names("", "carrying") == ["0: carrying"]


def test_no_two_classes_share_a_name():
    """A backend's step has the name of the protocol that it fulfils, each in a module of its own."""
    modules: dict[str, list[str]] = {}
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and path.parent.name != "stepping":
                modules.setdefault(node.name, []).append(relative(path))
    assert {name: paths for name, paths in modules.items() if len(paths) > 1} == {}


def rows() -> list[tuple[str, str, str]]:
    """Return word, meaning and where of each line of the page's tables of words."""
    _, _, words = PAGE.read_text(encoding="utf-8").partition("\n## Words\n")
    lines = [line for line in words.splitlines() if line.startswith("| ") and not line.startswith("| word |")]
    split = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]
    assert all(len(cells) == 3 for cells in split)
    return [(word, meaning, where) for word, meaning, where in split]


def test_each_word_stands_once_with_a_meaning_that_differs():
    table = rows()
    assert len(table) > 50
    for column in (0, 1):
        entries = [row[column].casefold() for row in table]
        assert sorted(entries) == sorted(set(entries))


@pytest.mark.parametrize(("word", "meaning", "where"), rows(), ids=[row[0] for row in rows()])
def test_each_word_lives_where_the_table_says(word, meaning, where):
    (path,) = re.fullmatch(r"`([^`]+)`", where).groups()  # type: ignore[union-attr]
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_no_word_of_the_table_was_dropped():
    assert {word for row in rows() for word in row[0].split()} & DROPPED == set()
