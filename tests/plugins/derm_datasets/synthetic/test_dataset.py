"""A made dataset on disk: what is written, that it is marked, the same every time, and whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from derm_cli.plugin import DermError, RequestError
from derm_datasets.synthetic import CLINIC, DERMOSCOPY, PHONE, SPECS, make_dataset
from derm_datasets.synthetic.dataset import MARK, read_records
from derm_datasets.synthetic.drawing import photograph

TINY = {"ACK": 3, "MEL": 3, "NEV": 4}


def _files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "synthetic-phone"
    make_dataset(root, PHONE, TINY, size=48)
    return root


def test_records_list_every_photograph_with_the_columns_of_a_dataset(made: Path) -> None:
    frame = SPECS[2].records(made)
    columns = "case_id file label diagnosis patient lesion view sex age site fitzpatrick image_type seed"
    assert list(frame.columns) == columns.split()
    assert frame["label"].value_counts().to_dict() == TINY
    assert frame["case_id"].is_unique
    assert sorted(frame["file"]) == sorted(name for name in _files(made) if name.startswith("images/"))
    assert frame["fitzpatrick"].between(1, 6).all()
    assert set(frame["sex"]) <= {"male", "female"}
    assert pd.api.types.is_string_dtype(frame["patient"])


def test_every_photograph_and_the_folder_say_that_they_are_made(made: Path) -> None:
    assert "made by a program" in (made / "MADE.txt").read_text(encoding="utf-8")
    for path in (made / "images").iterdir():
        with Image.open(path) as image:
            assert image.getexif()[photograph.IMAGE_DESCRIPTION] == MARK
            assert image.size == (48, 48)
            assert image.mode == "RGB"


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(made: Path, tmp_path: Path) -> None:
    make_dataset(tmp_path / "again", PHONE, TINY, size=48)
    assert _files(tmp_path / "again") == _files(made)
    make_dataset(tmp_path / "other", PHONE, TINY, size=48, seed=7)
    mine, other = _files(made), _files(tmp_path / "other")
    assert not {mine[name] for name in mine if name.endswith(".jpg")} & set(other.values())


def test_a_photograph_does_not_depend_on_what_was_drawn_before(made: Path) -> None:
    from derm_datasets.synthetic.patients import draw_cases

    for case in list(draw_cases(PHONE, TINY, seed=2021))[::-1][:4]:
        (alone,) = photograph.draw_lesion(PHONE, [case], 48, MARK)
        assert alone == (made / case.file).read_bytes()


def test_no_two_photographs_are_alike(made: Path) -> None:
    photographs = [data for name, data in _files(made).items() if name.endswith(".jpg")]
    assert len(set(photographs)) == len(photographs)


def test_make_fills_an_empty_folder(tmp_path: Path) -> None:
    make_dataset(tmp_path, CLINIC, {"DF": 2, "SCC": 2}, size=32)
    assert len(read_records(tmp_path)) == 4


def test_make_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DermError, match=r"is not empty: name another folder"):
        make_dataset(tmp_path, CLINIC, {"DF": 2}, size=32)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_unknown_class_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"no class 'LENTIGO': its classes are nv, mel"):
        make_dataset(tmp_path / "x", DERMOSCOPY, {"LENTIGO": 1})


def test_an_interrupted_make_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = photograph.draw_lesion

    def interrupted(domain, views, size, description):
        yield from drawn(domain, views, size, description)
        raise KeyboardInterrupt

    monkeypatch.setattr(photograph, "draw_lesion", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_dataset(tmp_path / "set", CLINIC, {"DF": 4}, size=32)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [1, os.getpid()], ids=["another", "its own"])
def test_the_first_of_two_that_draw_at_once_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Whatever the number of the other process: two containers that share a cache have the same ones."""
    root = tmp_path / "set"
    drawn = photograph.draw_lesion

    def overtaken(domain, views, size, description):
        if not root.exists():
            monkeypatch.setattr(photograph, "draw_lesion", drawn)
            monkeypatch.setattr(os, "getpid", lambda: number)
            make_dataset(root, CLINIC, {"DF": 2}, size=32)
        return drawn(domain, views, size, description)

    monkeypatch.setattr(photograph, "draw_lesion", overtaken)
    make_dataset(root, CLINIC, {"DF": 2}, size=40)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    with Image.open(root / read_records(root)["file"][0]) as image:
        assert image.size == (32, 32)


def test_records_of_an_unfinished_folder_tell_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DermError, match=rf"'{tmp_path}' has no records.csv.*remove it, and derm draws it anew"):
        read_records(tmp_path)
