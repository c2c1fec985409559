"""What is read of a bundle, which may be a stranger's: nothing that was changed, and nothing from outside of it."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from derm_cli.plugin import DermError, RequestError
from mobile_export.tools.preview.served_bundle import MOST_PHOTOGRAPH, read_bundle
from tests.support.made_bundles import DRAWN, make_bundle, write_manifest


@pytest.fixture
def folder(tmp_path: Path, facts: Any) -> Path:
    """A bundle whose model is no network, which is not looked into here."""
    (tmp_path / "network.onnx").write_bytes(b"made")
    return make_bundle(tmp_path / "bundle", tmp_path / "network.onnx", facts)


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_the_manifest_the_model_and_the_drawn_photographs_are_read(folder, form):
    path = folder if form == "folder" else zipped(folder)
    found = read_bundle(path)
    assert found.model == "model.onnx"
    assert found.photographs == (DRAWN,)
    assert found.files == {name: (folder / name).read_bytes() for name in ("manifest.json", "model.onnx", DRAWN)}
    assert found.manifest == json.loads((folder / "manifest.json").read_text())


def test_the_plain_model_goes_before_its_variants(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "model-int8.onnx").write_bytes(b"made")
    (model,) = manifest["models"]
    manifest["models"] = [model | {"file": "model-int8.onnx", "variant": "int8"}, model]
    manifest["files"]["model-int8.onnx"] = manifest["files"]["model.onnx"]
    write_manifest(folder, manifest)
    assert read_bundle(folder).model == "model.onnx"


def changed(**changes: Any) -> Callable[[Path], object]:
    """Return what changes keys of a bundle's manifest."""
    return lambda folder: write_manifest(folder, json.loads((folder / "manifest.json").read_text()) | changes)


def linked(folder: Path) -> None:
    outside = folder.with_name("outside.onnx")
    shutil.move(folder / "model.onnx", outside)
    (folder / "model.onnx").symlink_to(outside)


def linked_folder(folder: Path) -> None:
    shutil.move(folder / "vectors", folder.with_name("outside"))
    (folder / "vectors").symlink_to(folder.with_name("outside"))


def piped(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    os.mkfifo(folder / "model.onnx")


def with_photograph(size: int) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"][DRAWN]["size"] = size
        write_manifest(folder, manifest)

    return change


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "has no manifest.json"),
    "no JSON": (lambda folder: (folder / "manifest.json").write_text("{"), "damaged"),
    "NaN": (lambda folder: (folder / "manifest.json").write_text('{"a": NaN}'), "NaN is no number"),
    "nested": (lambda folder: (folder / "manifest.json").write_text("[" * 200_000), "nested too deeply"),
    "a huge manifest": (lambda folder: (folder / "manifest.json").write_bytes(b" " * (5 << 20)), "larger than any"),
    "another version": (changed(version=2), "no manifest of a bundle"),
    "another format": (changed(format="bundle"), "no manifest of a bundle"),
    "classes that are none": (changed(classes="NEV"), "no manifest of a bundle"),
    "an unknown view": (changed(views={"name": "tilted", "options": {}}), "no manifest of a bundle"),
    "a model that was changed": (lambda folder: (folder / "model.onnx").write_bytes(b"evil"), "is not the file"),
    "a model that is longer": (lambda folder: (folder / "model.onnx").write_bytes(b"made!"), "is not the file"),
    "a model that is gone": (lambda folder: (folder / "model.onnx").unlink(), "'model.onnx' is not there"),
    "a photograph that was changed": (lambda folder: (folder / DRAWN).write_bytes(b"x"), "is not the file"),
    "a photograph of gigabytes": (with_photograph(MOST_PHOTOGRAPH + 1), "larger than any"),
}
LINKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a link": (linked, "'model.onnx' is not there"),
    "a linked folder": (linked_folder, "is not there"),
    "a pipe": (piped, "'model.onnx' is not there"),
}


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_bundle_that_is_damaged_is_refused_in_a_sentence(folder, form, fault):
    change, reason = FAULTS[fault]
    change(folder)
    with pytest.raises(DermError) as error:
        read_bundle(folder if form == "folder" else zipped(folder))
    assert reason in str(error.value)
    assert str(folder.parent) in str(error.value)


@pytest.mark.parametrize("fault", LINKS)
def test_nothing_outside_of_the_folder_is_read(folder, fault):
    change, reason = LINKS[fault]
    change(folder)
    with pytest.raises(DermError, match=reason):
        read_bundle(folder)


@pytest.mark.parametrize("name", ["../outside.onnx", "/etc/passwd.onnx", "a/b/c.onnx", "..\\outside.onnx"])
def test_a_model_of_another_place_is_refused(folder, name):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["models"][0]["file"] = name
    manifest["files"][name] = manifest["files"]["model.onnx"]
    write_manifest(folder, manifest)
    with pytest.raises(DermError, match="no manifest of a bundle"):
        read_bundle(folder)


def test_a_zip_that_is_none_or_has_too_many_files_is_refused(tmp_path):
    (tmp_path / "none.zip").write_bytes(b"PK no zip")
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(600):
            archive.writestr(f"{number}.txt", "")
    for name, reason in (("none.zip", "damaged"), ("many.zip", "600 files")):
        with pytest.raises(DermError, match=reason):
            read_bundle(tmp_path / name)


def test_what_is_no_bundle_says_what_to_name(tmp_path, folder):
    with pytest.raises(RequestError, match=r"There is no bundle '.+nothing': name a folder or zip"):
        read_bundle(tmp_path / "nothing")
    with pytest.raises(RequestError, match=r"such as '.+bundle'"):
        read_bundle(folder.parent)


def test_a_bundle_without_onnx_says_how_to_get_one(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["models"][0]["file"] = "model.tflite"
    manifest["files"]["model.tflite"] = manifest["files"].pop("model.onnx")
    write_manifest(folder, manifest)
    with pytest.raises(RequestError, match=r"has no ONNX file, .+ 'derm export --bundle --onnx'"):
        read_bundle(folder)
