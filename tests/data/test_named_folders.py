"""A folder is a dataset where it is named by its path, and is known by its name wherever its runs are."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from derm_cli.config import FOLDERS, load
from derm_cli.data.named_folders import (
    is_folder_path,
    remember_folders,
    remembered_folders,
    section_of_folder,
    with_folders,
)
from derm_cli.errors import RequestError
from derm_cli.plugin.registry import Registry

TOML = '[datasets.moles]\npath = "elsewhere"\nreader = "csv"\n[datasets.clinic]\npath = "clinic"\nleave_out = ["x"]\n'


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in (
        "photos",
        "table",
        "moles",
        "in/photos",
        "in/ham10000",
        "clinic",
        "imagenet",
        "a:b",
        "data/edra",
        "edra",
    ):
        Path(folder).mkdir(parents=True)
    Path("table/records.csv").write_text("image,label\n")
    Path("derm.toml").write_text(TOML)
    return load({"data": "data"}, {"DERM_CONFIG": "derm.toml"})


@pytest.mark.parametrize(
    ("text", "is_path"),
    [
        ("photos", False),
        ("photos/", True),
        ("./photos", True),
        ("/srv/photos", True),
        ("~/photos", True),
        (".", True),
        ("..", True),
        ("run:../runs/x", False),
        ("imagenet", False),
    ],
)
def test_a_path_is_no_name(text, is_path):
    assert is_folder_path(text) is is_path


@pytest.mark.parametrize(
    ("text", "name", "reader"),
    [
        ("photos/", "photos", "folder"),
        ("./photos", "photos", "folder"),
        ("table/", "table", "csv"),
        ("in/ham10000", "ham10000", "ham10000"),
        ("clinic/", "clinic", "folder"),
    ],
)
def test_the_folder_s_name_is_the_dataset_s_and_what_lies_in_it_tells_how_it_is_read(settings, text, name, reader):
    found, section = section_of_folder(text, settings, Registry())
    assert (found, section["reader"], section["path"]) == (name, reader, Path(text).resolve())
    assert section.get("leave_out") == (["x"] if name == "clinic" else None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nowhere/", "There is no folder 'nowhere/': name one with a sub-folder of photographs for each class."),
        ("./imagenet", "would be dataset 'imagenet', but that name stands for the weights"),
        ("./a:b", "that name has a colon, which --leave-out has between a dataset and its class: rename the folder."),
        ("moles/", "'moles' is the dataset in 'elsewhere' already: give the folder 'moles/' another name in derm.toml"),
        ("./edra", "'edra' is the dataset in 'data/edra' already"),
    ],
)
def test_a_folder_that_can_be_no_dataset_says_why(settings, text, sentence):
    with pytest.raises(RequestError) as refused:
        section_of_folder(text, settings, Registry())
    assert sentence in str(refused.value)


def test_the_lines_of_a_refusal_can_be_pasted_into_derm_toml(settings):
    with pytest.raises(RequestError) as refused:
        section_of_folder("moles/", settings, Registry())
    _, _, lines = str(refused.value).partition("\n")
    assert tomllib.loads(TOML + lines)["datasets"]["moles-2"] == {
        "path": str(Path("moles").resolve()),
        "reader": "folder",
    }


def test_a_folder_is_remembered_beside_the_runs_and_derm_toml_wins_over_it(settings, tmp_path):
    runs = tmp_path / "runs"
    assert remembered_folders(runs) == {}
    remember_folders(runs, {})
    assert not runs.exists()
    runs.mkdir()
    for name in ("photos", "moles"):
        remember_folders(runs, {name: {"path": Path(f"/srv/{name}"), "reader": "folder"}})
    folders = remembered_folders(runs)
    assert folders["photos"] == {"path": Path("/srv/photos"), "reader": "folder"}
    known = with_folders(settings, folders).datasets
    assert str(known["photos"]["path"]) == "/srv/photos"
    assert str(known["moles"]["path"]) == "elsewhere"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": {"path": "x"}}'])
def test_what_cannot_be_read_of_remembered_folders_ends_no_command(tmp_path, content):
    (tmp_path / FOLDERS).write_text(content)
    assert remembered_folders(tmp_path) == {}
