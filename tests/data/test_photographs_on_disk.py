"""What of a folder a person takes for a photograph, and whether derm reads it."""

from __future__ import annotations

import pytest

from derm_cli.data.photographs_on_disk import files_ending, read_suffixes, unread_photographs, unread_text
from derm_cli.data.preprocessing import heif


@pytest.fixture(params=[True, False], ids=["with the extra", "without the extra"])
def reads_heic(request, monkeypatch):
    monkeypatch.setattr(heif, "heif_is_read", lambda: request.param)
    return request.param


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_photographs_are_found_by_their_endings_but_not_what_a_system_keeps(tmp_path, reads_heic):
    touch(tmp_path, "1.JPG", "a/2.jfif", "a/b/3.gif", "a/4.HEIC", "5.txt", "a/@eaDir/6.jpg", ".7.jpg", "8.cr2")
    expected = ["1.JPG", "a/2.jfif", "a/4.HEIC", "a/b/3.gif"]
    assert files_ending(tmp_path, read_suffixes()) == [name for name in expected if reads_heic or "HEIC" not in name]


@pytest.mark.parametrize(
    ("names", "used", "unread"),
    [
        (["1.jpg", "2.jfif", "3.txt", "4.mov", "5.pdf"], ["1.jpg"], []),
        (
            ["1.dng", "a/2.CR2", "3.nef", "4.raw", "5.psd", "6.jxl"],
            [],
            ["1.dng", "3.nef", "4.raw", "5.psd", "6.jxl", "a/2.CR2"],
        ),
        (["1.jpg", "1.CR2", "a/1.CR2"], ["1.jpg"], ["a/1.CR2"]),
        (["IMG_1.JPG", "img_1.dng"], ["IMG_1.JPG"], []),
        (["1.jpg", "1.dng"], [], ["1.dng"]),
        (["@eaDir/1.dng", ".2.dng"], [], []),
    ],
)
def test_what_is_not_read_is_counted_unless_its_photograph_is_used(tmp_path, reads_heic, names, used, unread):
    touch(tmp_path, *names)
    assert unread_photographs(tmp_path, used) == unread


def test_heic_is_not_read_without_its_extra_though_a_record_names_it(tmp_path, reads_heic):
    touch(tmp_path, "1.heic", "2.HEIF", "3.heic", "3.jpg")
    assert unread_photographs(tmp_path, ["1.heic", "3.jpg"]) == ([] if reads_heic else ["1.heic", "2.HEIF"])


def test_the_formats_are_told_with_what_to_do():
    assert unread_text([]) == ""
    assert unread_text(["1.dng"]) == "1 photograph not read: 1 .dng (develop and save as JPEG)"
    assert unread_text(["1.HEIC", "2.heic", "3.psd"]) == (
        "3 photographs not read: 2 .heic (pip install 'derm-cli[heic]', or save as JPEG), 1 .psd (save as JPEG)"
    )
    assert unread_text(f"1.{ending}" for ending in ("dng", "nef", "cr2", "psd", "jxl", "tga")).endswith(
        "1 .psd (save as JPEG), 2 of other formats (save them as JPEG)"
    )
