"""Folders of classes, of parts of a split, of both in either order, and what is neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from derm_cli.plugin import DermError, is_system_name
from derm_cli.plugin.testing import check_dataset
from derm_datasets import folder
from derm_datasets.folder_layout import UnclearLayout, read_layout
from derm_datasets.splits import folder_part

TRAIN, VALIDATION, TEST = "train", "validation", "test"


def paths(*folders: str) -> list[str]:
    return [f"{each}/{number}.jpg" for each in folders for number in (1, 2)]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *((name, TRAIN) for name in ("train", "TRAIN", "Training", "train_set", "trainset", "1-training-images")),
        *((name, VALIDATION) for name in ("val", "Valid", "validation", "dev", "VAL DATA", "valset", "02.validation")),
        *((name, TEST) for name in ("test", "Testing", "test_images", "testset", "Test Set", "holdout", "held-out")),
        *((name, None) for name in ("nevus", "contest", "trained", "testis", "set", "images", "12", "", "traintest")),
    ],
)
def test_a_folders_name_may_say_a_part(name: str, part: str | None) -> None:
    assert folder_part(name) == part


@pytest.mark.parametrize(
    ("first", "parts"),
    [
        (("train", "test"), (TRAIN, TEST)),
        (("Train", "Test"), (TRAIN, TEST)),
        (("TRAINING", "TESTING"), (TRAIN, TEST)),
        (("training", "validation", "test"), (TRAIN, VALIDATION, TEST)),
        (("train", "val", "test"), (TRAIN, VALIDATION, TEST)),
        (("train", "valid"), (TRAIN, VALIDATION)),
        (("train_set", "Test Images", "dev"), (TRAIN, TEST, VALIDATION)),
        (("train",), (TRAIN,)),
    ],
)
@pytest.mark.parametrize("around", ["", "archive/"])
def test_parts_of_a_split_are_no_classes(first: tuple[str, ...], parts: tuple[str, ...], around: str) -> None:
    there = paths(*(f"{around}{each}/{label}/2021" for each in first for label in ("mole", "wart")))
    layout = read_layout(there)
    assert set(layout.labels.values()) == {"mole", "wart"}
    assert [layout.labels[path] for path in there] == ["mole", "mole", "wart", "wart"] * len(first)
    assert [layout.parts[path] for path in there] == [part for part in parts for _ in range(4)]
    assert not layout.warnings


def test_a_part_may_stand_within_each_class() -> None:
    there = paths("mole/Train", "mole/test", "wart/train", "wart/Testing")
    layout = read_layout(there)
    assert [layout.labels[path] for path in there] == ["mole"] * 4 + ["wart"] * 4
    assert [layout.parts[path] for path in there] == [TRAIN, TRAIN, TEST, TEST] * 2


@pytest.mark.parametrize(
    ("folders", "sentence"),
    [
        (("train", "test"), "the folders 'test', 'train' bear the name of a part of a split, and no class"),
        (("test/a", "mole"), "the folder 'test' bears the name of a part of a split, but the folder 'mole' does not"),
        (("train/a", "test/a", "eval/a"), "but the folder 'eval' does not"),
        (("train/a", "train/b", "other/a", "unlabelled"), "but the folders 'other', 'unlabelled' do not"),
        (("fold1/a", "fold2/a"), "the folders 'fold1', 'fold2' do not bear names of classes"),
        (("HAM10000_images_part_1", "HAM10000_images_part_2"), "do not bear names of classes"),
        (("images/a", "masks/a"), "the folders 'images', 'masks' do not bear names of classes"),
    ],
)
def test_folders_that_are_neither_are_refused(folders: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UnclearLayout, match=sentence):
        read_layout(paths(*folders))


@pytest.mark.parametrize(
    ("folders", "labels", "warning"),
    [
        (("mole", "wart"), {"mole", "wart"}, ""),
        (("mole/2021", "wart/2022"), {"mole", "wart"}, ""),
        (("mole", "part 2"), {"mole", "part 2"}, ""),
        (("mole", "masks"), {"mole", "masks"}, "the folder 'masks' is taken for a class"),
        (("mole/train", "mole/test", "wart"), {"mole", "wart"}, "'test', 'train' within classes are not used"),
        (("a/mole", "a/wart", "b/mole", "b/wart"), {"a", "b"}, "has the same folders 'mole', 'wart'"),
        (("train/mole", "train/wart", "test"), {"mole", "wart"}, "the 2 photographs right below the folder 'test'"),
        (
            ("train/Basal cell", "train/mole", "test/basal_cell", "test/mole"),
            {"Basal cell", "mole"},
            "the class 'basal_cell' of the folder 'test' is taken for 'Basal cell'",
        ),
    ],
)
def test_what_is_doubtful_is_told(folders: tuple[str, ...], labels: set[str], warning: str) -> None:
    layout = read_layout(paths(*folders))
    assert set(layout.labels.values()) == labels
    assert len(layout.warnings) == bool(warning)
    assert warning in "".join(layout.warnings)


@pytest.mark.parametrize(
    "name",
    [
        *("@eaDir", "$RECYCLE.BIN", "$Recycle.Bin", "RECYCLER", "lost+found", "__MACOSX", "System Volume Information"),
        *(".Trash", ".Trash-1000", ".Trashes", "Trash", "#recycle", "@Recycle", "#snapshot", "found.000"),
        *("__pycache__", ".git", ".ipynb_checkpoints", ".AppleDouble"),
    ],
)
def test_folders_of_a_system_are_no_classes(name: str, tmp_path: Path) -> None:
    assert is_system_name(name)
    for each in paths("mole", "wart", f"mole/{name}/1.jpg", name, f"{name}/train"):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).touch()
    assert [each.name for each in folder.read_classes(tmp_path)] == ["mole", "wart"]
    assert check_dataset(folder.SPEC, tmp_path)["file"].tolist() == paths("mole", "wart")


@pytest.mark.parametrize("name", ["nevus", "trashy", "mac", "recycle", "lost", "a.b", "@", "#1", "$"])
def test_other_folders_are_no_systems(name: str) -> None:
    assert not is_system_name(name)


def test_the_reader_gives_the_folders_as_the_official_split(tmp_path: Path) -> None:
    for each in paths("Train/mole", "Train/wart", "TEST/mole", "TEST/wart", "@eaDir/mole"):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).touch()
    frame = check_dataset(folder.SPEC, tmp_path)
    assert frame.groupby(["split", "label"]).size().to_dict() == {
        (part, label): 2 for part in (TEST, TRAIN) for label in ("mole", "wart")
    }
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "1.jpg").touch()
    with pytest.raises(DermError, match=r"'other' does not: put all classes below such folders"):
        folder.read_records(tmp_path)


@pytest.mark.parametrize("suffix", [".jfif", ".JPE", ".gif", ".avif", ".jp2", ".pjpeg", ".ppm", ".HEIC"])
def test_all_that_derm_reads_is_a_photograph(suffix: str, tmp_path: Path) -> None:
    for each in (f"mole/1{suffix}", "wart/1.jpg", "wart/notes.txt", "wart/1.cr2"):
        (tmp_path / each).parent.mkdir(exist_ok=True)
        (tmp_path / each).touch()
    assert check_dataset(folder.SPEC, tmp_path)["file"].tolist() == [f"mole/1{suffix}", "wart/1.jpg"]


@pytest.mark.parametrize(("name", "endings"), [("mole/1.cr2", ".cr2"), ("1.jpg", ".jpg"), ("1.HEIC", ".heic")])
def test_a_folder_without_photographs_says_what_it_has(name: str, endings: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(DermError, match=rf"has no sub-folder with photographs, only {endings} that lie outside"):
        folder.read_records(tmp_path)
