import io
import os
import threading
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from derm_cli.data import preprocessing
from derm_cli.data.preprocessing import (
    RefusedPhotograph,
    UnreadablePhotograph,
    lesion_box,
    open_photograph,
    opening,
    read_photograph,
    turn_upright,
)
from derm_cli.data.preprocessing.colour import LARGEST_PROFILE, to_rgb
from derm_cli.data.preprocessing.constancy import shades_of_grey
from derm_cli.plan import Preprocessing
from tests.support import colour_profiles

RULES = [
    Preprocessing(size=64, resize=resize, interpolation=interpolation)
    for resize in ("squash", "letterbox", "crop")
    for interpolation in ("nearest", "bilinear", "area")
]


def noise(height, width, channels=3, seed=0):
    shape = (height, width, channels) if channels else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


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


@pytest.mark.parametrize("resize", ["squash", "letterbox", "crop"])
@pytest.mark.parametrize(("way", "is_smoothed"), [("nearest", False), ("bilinear", True), ("area", True)])
def test_what_shrinks_is_antialiased_but_by_nearest(tmp_path, way, resize, is_smoothed):
    """A board of single black and white pixels is grey from afar; a pixel picked out of it is not."""
    board = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    path = saved(tmp_path / "board.png", board)
    read = read_photograph(path, Preprocessing(size=61, resize=resize, interpolation=way)).astype(int)
    assert (np.abs(read - 127.5).max() < 8) == is_smoothed
    assert set(np.unique(read)) == {0, 255} or is_smoothed


def test_area_is_the_mean_of_what_a_pixel_covers(tmp_path):
    pixels = noise(256, 128)
    read = read_photograph(saved(tmp_path / "a.png", pixels), Preprocessing(size=32, interpolation="area"))
    means = pixels.reshape(32, 8, 32, 4, 3).mean(axis=(1, 3))
    assert np.abs(read - means).max() <= 1


def test_bilinear_weighs_by_distance_over_all_that_a_pixel_covers(tmp_path):
    line = noise(16, 320)[:1].repeat(16, axis=0)
    path = saved(tmp_path / "a.png", line)
    read = read_photograph(path, Preprocessing(size=32, interpolation="bilinear"))[0]
    for place in range(1, 31):
        weights = np.maximum(0, 1 - np.abs(np.arange(320) + 0.5 - 10 * (place + 0.5)) / 10)
        assert np.abs(read[place] - (weights[:, np.newaxis] * line[0]).sum(axis=0) / weights.sum()).max() <= 1


def test_the_narrowest_photograph_can_be_letterboxed(tmp_path):
    path = saved(tmp_path / "a.png", np.full((16, 4000), 200))
    for turned in (False, True):
        with Image.open(path) as image:
            (image.transpose(Image.Transpose.ROTATE_90) if turned else image).save(tmp_path / "b.png")
        read = read_photograph(tmp_path / "b.png", Preprocessing(size=32, resize="letterbox"))
        assert np.flatnonzero(read.any(axis=(1 if not turned else 0, 2))).tolist() == [16]


def test_nearest_takes_pixels_as_they_are(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    read = read_photograph(saved(tmp_path / "a.png", pixels), Preprocessing(size=32))
    np.testing.assert_array_equal(read, pixels[1::2, 1::2])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["png", "jpg", "webp", "tiff"])
def test_orientation_is_followed_once(tmp_path, orientation, form):
    """As Pillow's own function does it; a TIFF is turned when it is decoded, and must not be again."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{form}"
    lossless = {"webp": {"lossless": True}, "jpg": {"quality": 100, "subsampling": 0}}
    Image.fromarray(noise(48, 80)).save(path, exif=exif, **lossless.get(form, {}))
    with Image.open(path) as image:
        expected = ImageOps.exif_transpose(image)
    assert expected.size == ((80, 48) if orientation < 5 else (48, 80))
    with open_photograph(path) as image:
        np.testing.assert_array_equal(np.asarray(turn_upright(image)), np.asarray(expected))


def test_orientation_in_xmp_is_followed_too(tmp_path):
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    Image.fromarray(noise(48, 80)).save(tmp_path / "a.jpg", xmp=packet)
    with open_photograph(tmp_path / "a.jpg") as image:
        assert turn_upright(image).size == (48, 80)


@pytest.mark.parametrize("orientation", [0, 9, 99])
def test_an_orientation_that_is_none_turns_nothing(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "a.png"
    Image.fromarray(noise(48, 80)).save(path, exif=exif)
    with open_photograph(path) as image:
        assert turn_upright(image).size == (80, 48)


def test_damaged_exif_turns_nothing(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(noise(48, 80)).save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff no directory")
    assert read_photograph(path, Preprocessing(size=32)).shape == (32, 32, 3)


# Colour.


def before_profiles(path, rule):
    """Photographs as derm read them before it followed profiles, in Pillow's own words."""
    with Image.open(path) as stored:
        image = ImageOps.exif_transpose(stored)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image, side = image.convert("RGB"), (rule.size, rule.size)
    way = Image.Resampling[{"area": "BOX"}.get(rule.interpolation, rule.interpolation.upper())]
    if rule.resize == "letterbox":
        image = ImageOps.pad(image, side, way, color="black")
    elif rule.resize == "crop":
        image = ImageOps.fit(image, side, way)
    else:
        image = image.resize(side, way)
    return np.asarray(image)


def make_photographs(folder):
    """Files of each mode without a profile, of odd sides."""
    for mode in ("RGB", "L", "1", "CMYK", "P"):
        image = Image.fromarray(noise(75, 101)).convert(mode)
        image.save(folder / f"{mode}.tiff")
        if mode != "CMYK":
            image.save(folder / f"{mode}.png")
    seen_through = Image.fromarray(noise(75, 101, 4))
    seen_through.save(folder / "RGBA.png")
    seen_through.convert("LA").save(folder / "LA.png")
    Image.fromarray(noise(75, 101)).convert("P").save(folder / "transparent.png", transparency=7)
    Image.fromarray(noise(75, 101)).save(folder / "one.png", transparency=(1, 2, 3))
    Image.fromarray(noise(75, 101)).save(folder / "plain.jpg")
    Image.fromarray(noise(75, 101)).convert("CMYK").save(folder / "press.jpg")
    Image.fromarray(noise(75, 101)).convert("L").save(folder / "grey.jpg")
    return sorted(folder.iterdir())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.resize}-{rule.interpolation}")
def test_without_a_profile_no_bit_is_another_than_before_profiles_were_followed(tmp_path, rule):
    for path in make_photographs(tmp_path):
        for each in (rule, Preprocessing(**{**vars(rule), "profile": "ignored"})):
            np.testing.assert_array_equal(read_photograph(path, each), before_profiles(path, rule), err_msg=path.name)


def test_real_photographs_have_the_bits_that_they_had(real_data):
    files = [
        *sorted(real_data.glob("pad-ufes-20/images/**/*.png"))[::60],
        *sorted(real_data.glob("ham10000/**/*.jpg"))[::300],
    ]
    assert len(files) > 12
    for number, path in enumerate(files):
        rule = RULES[number % len(RULES)]
        np.testing.assert_array_equal(read_photograph(path, rule), before_profiles(path, rule))


@pytest.mark.parametrize("form", ["jpg", "png", "webp", "tiff"])
def test_a_profile_of_srgb_changes_no_bit(tmp_path, form):
    for name, options in (("plain", {}), ("with", {"icc_profile": colour_profiles.srgb()})):
        Image.fromarray(noise(75, 101)).save(tmp_path / f"{name}.{form}", **options)
    with open_photograph(tmp_path / f"with.{form}") as image:
        assert image.info["icc_profile"]
    read = [read_photograph(tmp_path / f"{name}.{form}", Preprocessing(size=64)) for name in ("plain", "with")]
    np.testing.assert_array_equal(*read)


def p3_to_srgb(pixels):
    """Display P3 to sRGB by the definition: both have the curve of sRGB, and the white D65."""
    values = pixels / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    from_p3, from_srgb = (np.array(each).T for each in (colour_profiles.DISPLAY_P3, colour_profiles.SRGB))
    linear = np.clip(linear @ (np.linalg.inv(from_srgb) @ from_p3).T, 0, 1)
    return 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_phone_s_display_p3_becomes_srgb(tmp_path, mode):
    # Skin, and a lesion on it: the colours of P3 that sRGB has too.
    pixels = (noise(64, 64) // 4 + np.array([150, 100, 80])).astype(np.uint8)
    image = (
        Image.fromarray(pixels).convert("P", palette=Image.Palette.ADAPTIVE) if mode == "P" else Image.fromarray(pixels)
    )
    stored = np.asarray(image.convert("RGB"))
    (image.convert("RGBA") if mode == "RGBA" else image).save(
        tmp_path / "a.png", icc_profile=colour_profiles.display_p3()
    )
    read = read_photograph(tmp_path / "a.png", Preprocessing(size=64)).astype(int)
    assert np.abs(read - stored.astype(int)).max() > 8
    assert np.abs(read - p3_to_srgb(stored)).max() <= 1.5
    ignored = read_photograph(tmp_path / "a.png", Preprocessing(size=64, profile="ignored"))
    np.testing.assert_array_equal(ignored, stored)


def test_what_is_seen_through_is_on_white_after_its_colours_are_converted(tmp_path):
    pixels = np.dstack([noise(32, 32) // 4 + 120, np.full((32, 32), 128, np.uint8)])
    Image.fromarray(pixels).save(tmp_path / "a.png", icc_profile=colour_profiles.display_p3())
    read = read_photograph(tmp_path / "a.png", Preprocessing(size=32))
    expected = p3_to_srgb(pixels[..., :3]) * 128 / 255 + 255 * 127 / 255
    assert np.abs(read - expected).max() <= 2


def test_the_image_that_is_read_stays_as_it_is(tmp_path):
    """The facts of a photograph and its pixels are made of one decoding."""
    for path in make_photographs(tmp_path):
        with open_photograph(path) as image:
            before = (image.mode, image.tobytes())
            to_rgb(image, to_srgb=True)
            assert (image.mode, image.tobytes()) == before, path.name


def test_grey_follows_a_profile_of_grey(tmp_path):
    ramp = np.arange(256, dtype=np.uint8).repeat(64).reshape(256, 64)
    Image.fromarray(ramp).save(tmp_path / "a.png", icc_profile=colour_profiles.grey(1.8))
    read = read_photograph(tmp_path / "a.png", Preprocessing(size=256))
    linear = (ramp / 255) ** 1.8
    expected = 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(read[:, 0, 0] - expected[:, 0]).max() <= 1.5
    assert (read[..., 0] == read[..., 1]).all()


def test_inks_follow_the_profile_of_their_press(tmp_path):
    inks = np.zeros((32, 32, 4), np.uint8)
    inks[..., 3] = 255
    for name, options in (("without", {}), ("with", {"icc_profile": colour_profiles.cmyk()})):
        Image.fromarray(inks, "CMYK").save(tmp_path / f"{name}.tiff", **options)
    assert (read_photograph(tmp_path / "without.tiff", Preprocessing(size=32)) == 0).all()
    # Black ink alone has the lightness 60 on this press: 145 in sRGB.
    assert np.abs(read_photograph(tmp_path / "with.tiff", Preprocessing(size=32)).astype(int) - 145).max() <= 1


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        colour_profiles.display_p3()[:200],
        colour_profiles.display_p3()[:130] + bytes(370),
        colour_profiles.cmyk(),
        colour_profiles.grey(1.0),
        bytes(LARGEST_PROFILE + 1),
    ],
    ids=["text", "cut short", "zeros", "of inks", "of grey", "huge"],
)
def test_a_profile_that_cannot_be_followed_changes_nothing(tmp_path, profile):
    pixels = noise(32, 32)
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True, icc_profile=profile)
    with open_photograph(tmp_path / "a.webp") as image:
        assert image.info["icc_profile"] == profile
    np.testing.assert_array_equal(read_photograph(tmp_path / "a.webp", Preprocessing(size=32)), pixels)


def test_sixteen_bits_of_grey_become_the_eight_that_a_viewer_shows(tmp_path):
    values = np.random.default_rng(0).integers(0, 65536, (2000, 700), dtype=np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    with open_photograph(tmp_path / "a.png") as image:
        read = np.asarray(to_rgb(image, to_srgb=True))
    np.testing.assert_array_equal(read[..., 0], np.rint(values / 257.0))
    for kept in (np.float32, np.int32):
        path = tmp_path / "b.tiff"
        Image.fromarray(np.linspace(0, 255, 1024).reshape(32, 32).astype(kept)).save(path)
        assert read_photograph(path, Preprocessing(size=32))[31, 31, 0] == 255
    Image.fromarray(np.full((32, 32), np.nan, np.float32)).save(path)
    assert (read_photograph(path, Preprocessing(size=32)) == 0).all()


def test_a_jpeg_is_decoded_at_its_full_size(tmp_path, monkeypatch):
    """Pillow can decode a JPEG smaller than it is, and faster: with other pixels."""
    Image.fromarray(noise(640, 640)).save(tmp_path / "a.jpg")
    for name in ("draft", "thumbnail"):
        monkeypatch.setattr("PIL.JpegImagePlugin.JpegImageFile." + name, lambda *_: pytest.fail("not at full size"))
    with open_photograph(tmp_path / "a.jpg") as image:
        assert image.size == (640, 640)
        assert image.decoderconfig == ()
    read_photograph(tmp_path / "a.jpg", Preprocessing(size=64, interpolation="area"))


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


# Crop to the lesion.


def masked(path, size, box, value=255, mode="L"):
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[box[1] : box[3], box[0] : box[2]] = value
    image = Image.fromarray(mask)
    image.convert(mode).save(path)
    return path


@pytest.mark.parametrize(
    ("lesion", "margin", "expected"),
    [
        ((40, 30, 60, 50), 0.0, (40, 30, 60, 50)),
        ((40, 30, 60, 50), 0.2, (36, 26, 64, 54)),
        ((40, 30, 60, 40), 0.0, (40, 25, 60, 45)),
        ((40, 30, 61, 41), 0.1, (37, 22, 64, 49)),
        ((0, 0, 10, 20), 0.5, (0, 0, 40, 40)),
        ((90, 60, 100, 80), 0.5, (60, 40, 100, 80)),
        ((10, 10, 80, 70), 1.0, (0, 0, 100, 80)),
        ((0, 0, 100, 80), 0.2, (0, 0, 100, 80)),
    ],
)
def test_the_crop_is_a_square_about_the_lesion_inside_the_photograph(tmp_path, lesion, margin, expected):
    assert lesion_box(masked(tmp_path / "m.png", (100, 80), lesion), (100, 80), margin) == expected


@pytest.mark.parametrize(("value", "mode"), [(1, "L"), (255, "1"), (200, "RGB"), (255, "P")])
def test_masks_are_read_as_people_store_them(tmp_path, value, mode):
    mask = masked(tmp_path / "m.png", (100, 80), (40, 30, 60, 50), value, mode)
    assert lesion_box(mask, (100, 80), 0.0) == (40, 30, 60, 50)


def test_faint_edges_of_a_mask_do_not_count(tmp_path):
    mask = np.full((80, 100), 3, np.uint8)
    mask[30:50, 40:60] = 250
    assert lesion_box(saved(tmp_path / "m.png", mask), (100, 80), 0.0) == (40, 30, 60, 50)


def test_a_photograph_is_cut_before_it_is_resized(tmp_path):
    pixels = noise(80, 100)
    path = saved(tmp_path / "a.png", pixels)
    mask = masked(tmp_path / "m.png", (100, 80), (40, 30, 60, 50))
    rule = Preprocessing(size=40, interpolation="area", crop="lesion", crop_margin=0.5)
    np.testing.assert_array_equal(read_photograph(path, rule, mask), pixels[20:60, 30:70])
    np.testing.assert_array_equal(
        read_photograph(path, rule), read_photograph(path, Preprocessing(size=40, interpolation="area"))
    )
    not_asked = Preprocessing(size=40)
    np.testing.assert_array_equal(read_photograph(path, not_asked, mask), read_photograph(path, not_asked))


def test_photograph_and_mask_are_turned_alike(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise(80, 100)).save(tmp_path / "a.png", exif=exif)
    Image.open(masked(tmp_path / "m.png", (100, 80), (10, 20, 30, 40))).save(tmp_path / "turned.png", exif=exif)
    rule = Preprocessing(size=20, crop="lesion", crop_margin=0.0)
    read = read_photograph(tmp_path / "a.png", rule, tmp_path / "turned.png")
    np.testing.assert_array_equal(read, np.rot90(noise(80, 100)[20:40, 10:30], -1))
    with pytest.raises(UnreadablePhotograph, match=r"its mask 'm.png': 100x80, but the photograph has 80x100"):
        read_photograph(tmp_path / "a.png", rule, tmp_path / "m.png")


@pytest.mark.parametrize("wrong", ["empty", "gone", "text"])
def test_a_mask_that_is_none_is_told(tmp_path, wrong):
    path, mask = saved(tmp_path / "a.png", noise(40, 40)), tmp_path / "m.png"
    if wrong == "empty":
        masked(mask, (40, 40), (0, 0, 0, 0))
    if wrong == "text":
        mask.write_text("no image")
    reason = {"empty": "empty", "gone": "the file is not there", "text": "not an image"}[wrong]
    with pytest.raises(UnreadablePhotograph, match=f"its mask 'm.png': {reason}"):
        read_photograph(path, Preprocessing(size=32, crop="lesion"), mask)


# Colour constancy.


def test_shades_of_grey_takes_a_cast_out(tmp_path):
    random = np.random.default_rng(0)
    grey = random.uniform(40, 160, (64, 64, 1))
    cast = np.rint(grey * np.array([1.2, 1.0, 0.7])).astype(np.uint8)
    path = saved(tmp_path / "a.png", cast)
    read = read_photograph(path, Preprocessing(size=64, constancy="shades-of-grey")).astype(int)
    assert np.ptp(cast.astype(int), axis=-1).mean() > 40
    assert np.ptp(read, axis=-1).max() <= 2


def test_shades_of_grey_is_the_formula_s():
    pixels = noise(50, 70)
    light = (pixels.astype(np.float64) ** 6).mean(axis=(0, 1)) ** (1 / 6)
    gain = np.sqrt((light**2).mean()) / light
    np.testing.assert_array_equal(shades_of_grey(pixels), np.clip(np.rint(pixels * gain), 0, 255))


def test_shades_of_grey_leaves_grey_black_and_borders_as_they_are():
    grey = np.repeat(noise(32, 32, 0)[..., np.newaxis], 3, axis=-1)
    np.testing.assert_array_equal(shades_of_grey(grey), grey)
    black = np.zeros((32, 32, 3), np.uint8)
    np.testing.assert_array_equal(shades_of_grey(black), black)
    red = black.copy()
    red[..., 0] = 90
    assert shades_of_grey(red)[0, 0].tolist() == [52, 0, 0]
    letterboxed = np.concatenate([black, noise(32, 32), black])
    found = shades_of_grey(letterboxed)
    np.testing.assert_array_equal(found[32:64], shades_of_grey(noise(32, 32)))
    assert not found[:32].any()


# Refusals.


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


def test_only_photographs_formats_are_opened(tmp_path):
    """Pillow would start another program for some, and has seldom-used readers for others."""
    (tmp_path / "a.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n%%EndComments\n")
    Image.fromarray(noise(32, 32)).save(tmp_path / "a.ico", sizes=[(32, 32)])
    Image.fromarray(noise(32, 32)).save(tmp_path / "a.pcx")
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(UnreadablePhotograph, match=r"^not an image$"):
            read_photograph(path, Preprocessing(size=32))


@pytest.mark.parametrize("form", ["jpg", "png", "webp", "tiff", "bmp", "gif", "avif", "jp2", "ppm"])
def test_photographs_formats_are_read(tmp_path, form):
    Image.fromarray(noise(32, 48)).save(tmp_path / f"a.{form}")
    assert read_photograph(tmp_path / f"a.{form}", Preprocessing(size=32)).shape == (32, 32, 3)


@pytest.mark.timeout(20)
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    for name in ("pipe.jpg", "folder.jpg"):
        with pytest.raises(UnreadablePhotograph, match="not a file"):
            read_photograph(tmp_path / name, Preprocessing(size=32))


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), MemoryError(), PermissionError(13, "denied")])
def test_what_says_nothing_of_the_contents_is_told_apart(wide, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(opening.Image, "open", fail)
    with pytest.raises(RefusedPhotograph):
        read_photograph(wide, Preprocessing(size=32))


def test_the_contents_must_be_those_that_are_asked_for(wide):
    with pytest.raises(RefusedPhotograph, match="it changed while it was read"), open_photograph(wide, "0" * 64):
        pytest.fail("opened")


def test_a_mask_as_large_as_its_photograph_waits_for_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "EXCLUSIVE_PIXELS", 16 * 16)
    path = saved(tmp_path / "a.png", noise(40, 40))
    mask = masked(tmp_path / "m.png", (40, 40), (4, 4, 20, 20))
    assert read_photograph(path, Preprocessing(size=32, crop="lesion"), mask).shape == (32, 32, 3)


def test_large_photographs_are_decoded_one_by_one(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "EXCLUSIVE_PIXELS", 100 * 100)
    path = saved(tmp_path / "a.png", noise(200, 200))
    inside, most = [], []

    def count(*_):
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.02)
        inside.pop()

    monkeypatch.setattr(preprocessing, "preprocess", count)
    threads = [threading.Thread(target=read_photograph, args=(path, Preprocessing(size=32))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert most == [1] * 4


def test_warnings_are_as_they_were_after_many_threads_decoded(tmp_path):
    path = saved(tmp_path / "a.png", noise(64, 64))
    before = list(warnings.filters)

    def decode():
        for _ in range(20):
            read_photograph(path, Preprocessing(size=32))

    threads = [threading.Thread(target=decode) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert warnings.filters == before


def test_no_warning_of_pillow_s_gets_out(tmp_path):
    """Tests turn warnings into errors: one would make the photograph unreadable."""
    stream = io.BytesIO()
    Image.fromarray(noise(40, 40)).convert("P").save(stream, "PNG", transparency=bytes(range(256)))
    (tmp_path / "a.png").write_bytes(stream.getvalue())
    with Image.open(stream) as image, pytest.warns(UserWarning, match="Palette images with Transparency"):
        image.convert("RGB")
    assert read_photograph(tmp_path / "a.png", Preprocessing(size=32)).shape == (32, 32, 3)
