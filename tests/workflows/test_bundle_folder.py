"""A bundle is found by its path; a zip of a stranger leaves nothing outside of its folder, and is bounded."""

from __future__ import annotations

import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from derm_cli.errors import DermError, RequestError
from derm_cli.plugin.registry import Registry
from derm_cli.workflows.bundle_folder import is_bundle, opened_bundle, packager_of

REGISTRY = Registry()


def zipped(path: Path, entries: dict[str, bytes], method=zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text("{}")
    return tmp_path / "app"


def test_a_folder_with_a_marker_is_a_bundle_of_its_packager(folder, tmp_path):
    assert packager_of(REGISTRY, folder).name == "bundle"
    assert packager_of(REGISTRY, tmp_path) is None
    assert is_bundle(REGISTRY, folder)
    assert not is_bundle(REGISTRY, tmp_path)
    assert not is_bundle(REGISTRY, tmp_path / "nowhere.zip")
    with opened_bundle(REGISTRY, folder) as (packager, opened):
        assert (packager.name, opened) == ("bundle", folder)


def test_a_zip_is_unpacked_for_as_long_as_it_is_used(tmp_path):
    path = zipped(tmp_path / "b.zip", {"manifest.json": b"{}", "vectors/a.png": b"x"})
    assert is_bundle(REGISTRY, path)
    with opened_bundle(REGISTRY, path) as (packager, opened):
        assert packager.name == "bundle"
        assert (opened / "vectors" / "a.png").read_bytes() == b"x"
    assert not opened.exists()


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"../out.txt": b"x", "manifest.json": b"{}"}, "leaves its folder"),
        ({"/out.txt": b"x"}, "leaves its folder"),
        ({"a\\..\\out.txt": b"x"}, "leaves its folder"),
        ({"labels.txt": b"x"}, "is no bundle, for it has no 'manifest.json'"),
        ({f"{number}.txt": b"" for number in range(1100)}, "has 1100 files and a directory of"),
        ({"manifest.json": b"{}", "MANIFEST.json": b"{}"}, "twice, or in another case"),
    ],
)
def test_a_zip_that_is_made_to_do_harm_is_refused(tmp_path, entries, said):
    (tmp_path / "in").mkdir()
    path = zipped(tmp_path / "in" / "b.zip", entries)
    with pytest.raises((DermError, RequestError), match=said), opened_bundle(REGISTRY, path):
        pass
    assert [each.name for each in tmp_path.rglob("*")] == ["in", "b.zip"]


def linked(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("labels.txt")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, "/etc/passwd")


def twice(archive: zipfile.ZipFile) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("manifest.json", b"another")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (linked, "has 'labels.txt', which is neither a file nor a folder"),
        (twice, "has 'manifest.json' twice"),
        (lambda archive: archive.writestr("manifest.json/x", b""), "in another case, or as a file too"),
        (lambda archive: archive.writestr("\\\\server\\share\\x", b""), "leaves its folder"),
        (lambda archive: archive.writestr("C:\\x", b""), "leaves its folder"),
    ],
    ids=["a link", "a name twice", "a file that is a folder", "another machine", "another drive"],
)
def test_an_entry_that_is_made_to_do_harm_is_refused(tmp_path, spoil, said):
    (tmp_path / "in").mkdir()
    path = zipped(tmp_path / "in" / "b.zip", {"manifest.json": b"{}"})
    with zipfile.ZipFile(path, "a") as archive:
        spoil(archive)
    with pytest.raises(DermError, match=said), opened_bundle(REGISTRY, path):
        pass
    assert [each.name for each in tmp_path.rglob("*")] == ["in", "b.zip"]


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = zipped(tmp_path / "b.zip", {"manifest.json": bytes(80 << 20)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(DermError, match="unpacks to more than"), opened_bundle(REGISTRY, path):
        pass


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 5000, struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 9, 9, 0)])
def test_what_is_no_zip_is_one_sentence(tmp_path, content):
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(DermError), opened_bundle(REGISTRY, tmp_path / "b.zip"):
        pass


def test_a_path_to_nothing_says_what_to_name(tmp_path):
    with (
        pytest.raises(RequestError, match=r"no bundle '.*nowhere': name a folder or zip that 'derm export --bundle'"),
        opened_bundle(REGISTRY, tmp_path / "nowhere"),
    ):
        pass
