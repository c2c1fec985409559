"""HEIC is read where the extra is installed, and called by its name where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.checking.dropped import kind_of_reason
from derm_cli.data.checking.photographs import wrong_extension
from derm_cli.data.facts import Facts
from derm_cli.data.packing.pack import pack
from derm_cli.data.preprocessing import UnreadablePhotograph, heif, open_photograph, read_photograph, turn_upright
from derm_cli.plan import Preprocessing

RULE = Preprocessing(size=32)


@pytest.fixture
def photograph(tmp_path):
    """A photograph as a phone writes it: held upright, red in the upper left corner, with a picture beside it."""
    assert heif.heif_is_read()
    picture = Image.new("RGB", (80, 60), "white")
    picture.paste("red", (0, 0, 40, 30))
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "IMG_0001.HEIC"
    picture.save(path, "HEIF", exif=exif.tobytes(), save_all=True, append_images=[Image.new("RGB", (80, 60), "blue")])
    return path


@pytest.fixture
def without_extra(monkeypatch):
    """The format as if its extra were not installed, until the fixture's value is called."""
    with monkeypatch.context() as patches:
        patches.setattr(heif, "heif_is_read", lambda: False)
        yield patches.undo


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\0\0\0\x24ftypheic", True),
        (b"\0\0\0\x18ftypmif1", True),
        (b"\0\0\0\x18ftypheix", True),
        (b"\0\0\0\x18ftypavif", False),
        (b"\0\0\0\x18ftypisom", False),
        (b"\xff\xd8\xff\xe0heic", False),
        (b"", False),
    ],
)
def test_heic_is_known_by_its_first_bytes(head, expected):
    assert heif.is_heif(head) == expected


def test_a_phones_photograph_is_read_upright_and_its_first_picture_alone(photograph):
    with open_photograph(photograph) as image:
        upright = turn_upright(image).convert("RGB")
        assert (image.format, upright.size) == ("HEIF", (60, 80))
    red, green, blue = upright.getpixel((50, 10))
    assert red > 200 > 100 > max(green, blue)
    assert min(upright.getpixel((10, 70))) > 200
    assert read_photograph(photograph, RULE).shape == (32, 32, 3)


def test_contents_decide_and_not_the_name(photograph):
    renamed = photograph.rename(photograph.with_suffix(".jpg"))
    assert read_photograph(renamed, RULE).any()


@pytest.mark.parametrize(
    ("name", "said"), [("a.heic", ""), ("a.HEIF", ""), ("a.hif", ""), ("a.jpg", ".jpg, but it is HEIF")]
)
def test_its_endings_are_its_own(name, said):
    assert wrong_extension(name, Facts(format="HEIF", width=80, height=60, mode="RGB")) == said


@pytest.mark.parametrize("name", ["a.jfif", "a.jpe", "a.jif", "a.pjpeg", "a.JPG"])
def test_jpeg_has_many_endings(name):
    assert wrong_extension(name, Facts(format="JPEG", width=80, height=60, mode="RGB")) == ""


def test_a_damaged_one_is_told_so(photograph):
    photograph.write_bytes(photograph.read_bytes()[:300])
    with pytest.raises(UnreadablePhotograph, match="damaged or cut short") as raised:
        read_photograph(photograph, RULE)
    assert kind_of_reason(str(raised.value)) == "damaged"


def test_without_the_extra_it_is_called_by_its_name_with_what_to_install(tmp_path, without_extra):
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + bytes(200))
    with pytest.raises(
        UnreadablePhotograph, match=r"HEIC, which is not read: pip install 'derm-cli\[heic\]'"
    ) as raised:
        read_photograph(tmp_path / "a.heic", RULE)
    assert kind_of_reason(str(raised.value)) == "unread-format"


def test_a_pack_takes_it_up_once_the_extra_is_installed(photograph, tmp_path, without_extra):
    jpeg = tmp_path / "1.jpg"
    Image.fromarray(np.full((40, 40, 3), 90, dtype=np.uint8)).save(jpeg)
    for _ in range(2):
        packed = pack([photograph, jpeg], RULE, tmp_path / "cache", "mine")
        assert packed.unreadable == {0: heif.HEIC_NOT_READ}
    without_extra()
    packed = pack([photograph, jpeg], RULE, tmp_path / "cache", "mine")
    assert (packed.unreadable, packed.decoded, packed.reused) == ({}, 1, 1)
    assert packed.photographs[0].any()
    assert not pack([photograph, jpeg], RULE, tmp_path / "cache", "mine").fresh
