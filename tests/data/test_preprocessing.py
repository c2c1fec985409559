import numpy as np
import pytest
from PIL import Image

from derm_cli.data.preprocessing import UnreadablePhotograph, read_photograph
from derm_cli.plan import Preprocessing


def saved(path, pixels, mode=None, **options):
    Image.fromarray(np.asarray(pixels, dtype=np.uint8), mode).save(path, **options)
    return path


@pytest.fixture
def wide(tmp_path):
    """A photograph twice as wide as high, whose left half is red and right half blue."""
    pixels = np.zeros((32, 64, 3), np.uint8)
    pixels[:, :32, 0] = 200
    pixels[:, 32:, 2] = 200
    return saved(tmp_path / "wide.png", pixels)


def test_squash_keeps_all_and_not_the_shape(wide):
    pixels = read_photograph(wide, Preprocessing(size=32))
    assert pixels.shape == (32, 32, 3)
    assert pixels.dtype == np.uint8
    assert (pixels[:, :16, 0] == 200).all()
    assert (pixels[:, 16:, 2] == 200).all()


def test_letterbox_keeps_the_shape_on_black(wide):
    pixels = read_photograph(wide, Preprocessing(size=32, resize="letterbox"))
    assert (pixels[:8] == 0).all()
    assert (pixels[8:24, :16, 0] == 200).all()
    assert (pixels[24:] == 0).all()


def test_crop_keeps_the_shape_and_cuts_the_middle_out(wide):
    pixels = read_photograph(wide, Preprocessing(size=32, resize="crop"))
    assert (pixels[:, :16, 0] == 200).all()
    assert (pixels[:, 16:, 2] == 200).all()


def test_interpolations_differ(tmp_path):
    path = saved(tmp_path / "noise.png", np.random.default_rng(0).integers(0, 255, (99, 99, 3)))
    read = [read_photograph(path, Preprocessing(size=32, interpolation=way)) for way in ("nearest", "bilinear", "area")]
    assert read[0].std() > read[1].std()
    assert (read[1] != read[2]).any()


def test_nearest_takes_pixels_as_they_are(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    read = read_photograph(saved(tmp_path / "a.png", pixels), Preprocessing(size=32))
    np.testing.assert_array_equal(read, pixels[1::2, 1::2])


def test_orientation_of_exif_is_followed(tmp_path, wide):
    with Image.open(wide) as image:
        exif = image.getexif()
        exif[0x0112] = 3
        image.save(tmp_path / "turned.png", exif=exif)
    pixels = read_photograph(tmp_path / "turned.png", Preprocessing(size=32))
    assert (pixels[:, :16, 2] == 200).all()


def test_modes_become_rgb(tmp_path):
    grey = np.full((32, 32), 120, np.uint8)
    rule = Preprocessing(size=32)
    assert (read_photograph(saved(tmp_path / "grey.png", grey), rule) == 120).all()
    sixteen = tmp_path / "sixteen.png"
    Image.fromarray(np.full((32, 32), 120 * 257, np.uint16)).save(sixteen)
    assert (read_photograph(sixteen, rule) == 120).all()
    opaque = np.dstack([np.full((32, 32, 3), 90, np.uint8), np.full((32, 32), 255, np.uint8)])
    assert (read_photograph(saved(tmp_path / "opaque.png", opaque), rule) == 90).all()
    opaque[..., 3] = 0
    assert (read_photograph(saved(tmp_path / "clear.png", opaque), rule) == 255).all()


def test_what_is_no_photograph_has_a_reason(tmp_path, wide):
    half = tmp_path / "half.png"
    whole = saved(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 255, (64, 64, 3)))
    half.write_bytes(whole.read_bytes()[:4000])
    (tmp_path / "text.jpg").write_text("not a photograph")
    (tmp_path / "empty.jpg").touch()
    saved(tmp_path / "tiny.png", np.zeros((8, 40, 3)))
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    reasons = {}
    for name in ("half.png", "text.jpg", "empty.jpg", "tiny.png", "moving.gif", "nowhere.jpg"):
        with pytest.raises(UnreadablePhotograph) as caught:
            read_photograph(tmp_path / name, Preprocessing(size=32))
        reasons[name] = str(caught.value)
    assert reasons.pop("half.png").startswith("damaged or cut short")
    assert reasons == {
        "text.jpg": "not an image",
        "empty.jpg": "empty file",
        "tiny.png": "40x8 is too small; the shorter side must be 16 pixels or more",
        "moving.gif": "animated or of several pages",
        "nowhere.jpg": "the file is not there",
    }


def test_a_decompression_bomb_is_refused(tmp_path):
    Image.new("1", (20_000, 10_000)).save(tmp_path / "bomb.png")
    with pytest.raises(UnreadablePhotograph, match="more than 178956970 pixels"):
        read_photograph(tmp_path / "bomb.png", Preprocessing(size=32))
