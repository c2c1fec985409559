"""The names that plugins import are defined where the table says, and type checkers are told of the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from derm_cli import plugin
from derm_cli.plugin import lazy
from derm_cli.plugin.lazy import HOMES


def test_every_public_name_can_be_imported():
    assert [name for name in plugin.__all__ if getattr(plugin, name, None) is None] == []


def test_type_checkers_see_the_names_of_the_table():
    tree = ast.parse(Path(plugin.__file__).read_text(encoding="utf-8"))
    typed = {
        (statement.module, alias.asname)
        for block in tree.body
        if isinstance(block, ast.If)
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert typed == {(home, name) for home, names in HOMES.items() for name in names}


def test_another_name_is_no_attribute():
    with pytest.raises(AttributeError, match=r"module 'derm_cli\.plugin' has no attribute 'Datset'"):
        _ = plugin.Datset


def test_a_former_name_works_and_says_what_to_use(monkeypatch):
    monkeypatch.setitem(lazy.FORMER, "SkinClass", "LesionClass")
    with pytest.warns(plugin.DeprecatedInDerm) as caught:
        from derm_cli.plugin import SkinClass
    monkeypatch.delattr(plugin, "SkinClass")
    assert SkinClass is plugin.LesionClass
    (warning,) = {(str(each.message), each.filename) for each in caught}
    assert warning == ("'SkinClass' of derm_cli.plugin is deprecated: use 'LesionClass'", __file__)
