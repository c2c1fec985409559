"""The facts of a photograph: how its file is, what it carries, how it looks."""

import json
import time

import pytest
from PIL import Image, ImageCms, ImageFilter, ImageOps, PngImagePlugin

from derm_cli.data.facts import Facts, facts_of
from derm_cli.data.preprocessing import open_photograph
from tests.support import synthetic_photographs


def facts(path):
    with open_photograph(path) as image:
        return facts_of(path, image)


@pytest.fixture
def saved(tmp_path):
    """Return a function that saves an image and gives its facts."""

    def save(image, name="a.png", **options):
        image.save(tmp_path / name, **options)
        return facts(tmp_path / name)

    return save


def test_a_plain_photograph(saved):
    result = saved(synthetic_photographs.picture(0), "a.jpg")
    assert (
        result.format,
        result.width,
        result.height,
        result.mode,
        result.bits,
    ) == ("JPEG", 160, 120, "RGB", 8)
    assert (result.frames, result.orientation, result.profile) == (1, 1, "")
    assert not any(
        (
            result.alpha,
            result.transparent,
            result.gps,
            result.personal,
            result.grey,
        )
    )
    assert len(result.fingerprint) == 64
    assert 100 < result.brightness < 160


def test_facts_go_through_json(saved):
    result = saved(synthetic_photographs.picture(0))
    assert Facts.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_the_format_is_that_of_the_contents(saved):
    assert saved(synthetic_photographs.picture(0), "a.png", format="JPEG").format == "JPEG"


@pytest.mark.parametrize(
    ("image", "name", "mode", "bits"),
    [
        (synthetic_photographs.picture(1).convert("CMYK"), "a.jpg", "CMYK", 8),
        (synthetic_photographs.picture(1).convert("P"), "a.png", "P", 8),
        (synthetic_photographs.picture(1).convert("L"), "a.png", "L", 8),
        (synthetic_photographs.picture(1).convert("1"), "a.tif", "1", 1),
        (synthetic_photographs.deep(1), "a.png", "I;16", 16),
        (synthetic_photographs.deep(1), "a.tif", "I;16", 16),
    ],
)
def test_modes_are_told_as_they_are_stored(saved, image, name, mode, bits):
    result = saved(image, name)
    assert (result.mode, result.bits) == (mode, bits)


def test_colour_of_16_bits_is_told_though_pillow_decodes_8(tmp_path):
    synthetic_photographs.write_png(tmp_path / "deep.png", 64, 40, bits=16)
    result = facts(tmp_path / "deep.png")
    assert (result.mode, result.bits) == ("RGB", 16)


@pytest.mark.parametrize(("alpha", "transparent"), [(255, False), (254, True), (0, True)])
def test_an_alpha_channel_and_what_it_hides(saved, alpha, transparent):
    result = saved(synthetic_photographs.see_through(2, alpha))
    assert (result.alpha, result.transparent) == (True, transparent)


def test_a_palette_can_have_a_transparent_colour(saved):
    result = saved(synthetic_photographs.picture(2).convert("P", palette=Image.Palette.ADAPTIVE), transparency=0)
    assert (result.mode, result.alpha, result.transparent) == ("P", True, True)


def test_an_opaque_alpha_channel_changes_no_fingerprint(saved):
    assert (
        saved(synthetic_photographs.see_through(3, 255)).fingerprint
        == saved(synthetic_photographs.picture(3)).fingerprint
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_fingerprint_is_of_the_upright_photograph(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    synthetic_photographs.picture(4).save(tmp_path / "a.png", exif=exif)
    result = facts(tmp_path / "a.png")
    assert (result.orientation, result.personal) == (orientation, False)
    with Image.open(tmp_path / "a.png") as image:
        ImageOps.exif_transpose(image).save(tmp_path / "b.png", exif=b"")
    assert facts(tmp_path / "b.png").fingerprint == result.fingerprint


def test_places_and_persons_are_flags_without_values(saved):
    result = saved(synthetic_photographs.picture(5), "a.jpg", exif=synthetic_photographs.personal())
    assert (result.gps, result.personal, result.orientation) == (True, True, 6)
    text = json.dumps(result.to_json())
    assert "Secret" not in text
    assert "SERIAL" not in text
    assert "51" not in text.replace(result.fingerprint, "")


def test_a_serial_number_in_the_inner_block_alone_is_personal(saved):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-123"
    assert saved(synthetic_photographs.picture(5), "a.jpg", exif=exif).personal


def test_a_comment_is_personal(saved):
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Dr Secret")
    assert saved(synthetic_photographs.picture(5), "a.png", pnginfo=texts).personal
    assert saved(synthetic_photographs.picture(5), "a.jpg", comment=b"Dr Secret").personal


def test_colour_profiles(saved):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    other = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    result = [
        saved(synthetic_photographs.picture(6), icc_profile=each).profile
        for each in (srgb, other, b"no profile at all")
    ]
    assert result == ["srgb", "other", "damaged"]


def test_grey_in_colour_is_seen_even_after_jpeg(saved):
    grey = synthetic_photographs.picture(7).convert("L").convert("RGB")
    assert saved(grey).grey
    assert saved(grey, "a.jpg", quality=60).grey
    assert not saved(synthetic_photographs.picture(7)).grey


def test_blur_lowers_focus_and_dark_is_dark(saved):
    sharp, blurred = (
        saved(synthetic_photographs.picture(8)),
        saved(synthetic_photographs.picture(8).filter(ImageFilter.GaussianBlur(6))),
    )
    assert blurred.focus < sharp.focus / 20
    dark = saved(synthetic_photographs.picture(8).point(lambda level: level // 8))
    assert dark.brightness < 20


def test_a_phone_s_photograph_with_a_preview_has_two_images(tmp_path):
    synthetic_photographs.picture(9).save(
        tmp_path / "a.jpg", "MPO", save_all=True, append_images=[synthetic_photographs.picture(10)]
    )
    result = facts(tmp_path / "a.jpg")
    assert (result.format, result.frames) == ("MPO", 2)


@pytest.mark.parametrize(
    "image", [Image.new("RGB", (90, 90), "pink"), Image.new("L", (64, 64)), Image.linear_gradient("L")]
)
def test_where_nothing_is_to_be_recognized_there_is_no_fingerprint(saved, image):
    assert saved(image).fingerprint == ""


def test_facts_are_cheap(tmp_path):
    # 1 ms on a machine where they are measured; the bound is for one that does ten things at once.
    synthetic_photographs.picture(11, (600, 450)).save(tmp_path / "a.png")
    with open_photograph(tmp_path / "a.png") as image:
        facts_of(tmp_path / "a.png", image)
        start = time.perf_counter()
        for _ in range(20):
            facts_of(tmp_path / "a.png", image)
    assert (time.perf_counter() - start) / 20 < 0.02
