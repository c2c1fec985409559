"""The page's preprocessing in a real Chromium: of PNG the very pixels of derm's, of JPEG as the browser decodes."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from derm_cli.data.facts import facts_of
from derm_cli.data.preprocessing import open_photograph, read_photograph
from derm_cli.data.preprocessing.opening import LARGEST
from derm_cli.plan import Preprocessing
from tests.support import colour_profiles
from tests.support.awkward_photographs import draw, make_photographs
from tests.support.chromium import Chromium

pytestmark = pytest.mark.xdist_group("chromium")
READ = """
(async (encoded, rule) => {{
  const {{ readPhotograph, toSquare }} = await import("/preprocessing.js");
  const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  try {{
    const square = toSquare(await readPhotograph(bytes, rule), rule);
    let text = "";
    for (let start = 0; start < square.length; start += 8192) {{
      text += String.fromCharCode(...square.subarray(start, start + 8192));
    }}
    return btoa(text);
  }} catch (error) {{
    return `refused: ${{error.message}}`;
  }}
}})({encoded}, {rule})
"""
RULES = [
    Preprocessing(size=32),
    Preprocessing(size=33, interpolation="bilinear", constancy="shades-of-grey"),
    Preprocessing(size=160, interpolation="area"),
    Preprocessing(size=97, resize="letterbox", interpolation="area", constancy="shades-of-grey"),
    Preprocessing(size=64, resize="letterbox", profile="ignored"),
    Preprocessing(size=224, resize="letterbox", interpolation="bilinear"),
    Preprocessing(size=75, resize="crop", interpolation="area", crop="lesion"),
    Preprocessing(size=224, resize="crop", interpolation="bilinear"),
    Preprocessing(size=131, resize="crop"),
]
MEASURE = """
(async (encoded) => {{
  const {{ readPhotograph }} = await import("/preprocessing.js");
  const {{ measures }} = await import("/quality.js");
  const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  return measures(await readPhotograph(bytes, {{ profile: "ignored" }}), 128);
}})({encoded})
"""
AREA = RULES[2]
LARGEST_LEVELS = 1
"""By how much a level may differ where colours are converted: two programs round in different places."""


@pytest.fixture(scope="module")
def page(browser: Chromium, served: Any) -> Chromium:
    browser.open(f"{served.address}icon.svg")
    return browser


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {path.name: path for path in make_photographs(tmp_path_factory.mktemp("awkward"))}


def pixels_of(page: Chromium, content: bytes, rule: Preprocessing) -> npt.NDArray[np.uint8] | str:
    """Return the square that the page makes of a file, uint8 (size, size, 3), or why it refuses it."""
    told = page.value(READ.format(encoded=in_base64(content), rule=json.dumps(asdict(rule))))
    if told.startswith("refused: "):
        return str(told.removeprefix("refused: "))
    return np.frombuffer(base64.b64decode(told), np.uint8).reshape(rule.size, rule.size, 3)


def in_base64(content: bytes) -> str:
    return json.dumps(base64.b64encode(content).decode())


def difference(page: Chromium, path: Path, rule: Preprocessing) -> int:
    """Return by how many levels the page's square differs at most from derm's."""
    found = pixels_of(page, path.read_bytes(), rule)
    assert not isinstance(found, str), found
    return int(np.abs(found.astype(int) - read_photograph(path, rule)).max())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.resize}-{rule.interpolation}-{rule.size}")
def test_a_real_png_gives_the_very_pixels_by_every_rule(page, real_data, rule):
    for path in sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:2]:
        assert difference(page, path, rule) == 0


@pytest.mark.parametrize(
    "name", ["alpha.png", "flat.png", "grey-alpha.png", "mirrored.png", "palette.png", "palette-p3.png", "sixteen.png"]
)
@pytest.mark.parametrize("profile", ["srgb", "ignored"])
def test_awkward_pngs_give_the_very_pixels(page, awkward, name, profile):
    assert difference(page, awkward[name], Preprocessing(size=50, interpolation="area", profile=profile)) == 0


def test_real_jpegs_differ_by_no_level_in_chromium(page, real_data):
    """Both decode by libjpeg-turbo; other browsers may by something else, so the docs promise less."""
    paths = sorted(real_data.joinpath("ham10000").rglob("*.jpg"))[:3]
    assert [difference(page, path, rule) for path in paths for rule in RULES[:3:2]] == [0] * 6


@pytest.mark.parametrize(("name", "most"), [("plain.jpg", 0), ("turned.jpg", 0), ("phone.jpg", 0), ("grey.jpg", 1)])
def test_awkward_jpegs_are_turned_and_converted(page, awkward, name, most):
    assert difference(page, awkward[name], AREA) <= most


def saved(image: Image.Image, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, **{"format": "PNG", **options})
    return stream.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(
    depth: int, colour: int, rows: bytes, size: tuple[int, int] = (20, 20), *more: bytes, lace: int = 0
) -> bytes:
    head = chunk(b"IHDR", struct.pack(">2I5B", *size, depth, colour, 0, 0, lace))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def rows_of(width: int, kinds: tuple[int, ...] = (0, 1, 2, 3, 4), height: int = 20) -> bytes:
    """Return rows of noise, each packed by another filter of PNG in turn."""
    random = np.random.default_rng(width)
    return b"".join(
        bytes([kinds[row % len(kinds)]]) + random.integers(0, 256, width, np.uint8).tobytes() for row in range(height)
    )


def laced(channels: int, side: int = 20) -> bytes:
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    return b"".join(
        rows_of(-(-(side - left) // across) * channels, (1, 4), -(-(side - top) // down))
        for left, top, across, down in passes
    )


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(draw(3), exif=exif)


PALETTE = chunk(b"PLTE", np.random.default_rng(0).integers(0, 256, 48, np.uint8).tobytes())
XMP = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b'<rdf tiff:Orientation="6"/>')
PNGS: dict[str, bytes] = {
    "grey, 1 bit": png_of(1, 0, rows_of(3)),
    "grey, 2 bits": png_of(2, 0, rows_of(5)),
    "grey, 4 bits": png_of(4, 0, rows_of(10)),
    "grey, 8 bits": png_of(8, 0, rows_of(20)),
    "grey, 8 bits, one hidden": png_of(8, 0, rows_of(20, (0,)), (20, 20), chunk(b"tRNS", b"\0\x7f")),
    "grey, 16 bits": png_of(16, 0, rows_of(40)),
    "grey of 16 bits, all below 256": png_of(16, 0, b"".join(b"\0" + b"\0\x60" * 20 for _ in range(20))),
    "colours, 8 bits": png_of(8, 2, rows_of(60)),
    "colours, 16 bits": png_of(16, 2, rows_of(120)),
    "palette, 4 bits": png_of(4, 3, rows_of(10, (0,)), (20, 20), PALETTE),
    "palette, some transparent": png_of(4, 3, rows_of(10, (0,)), (20, 20), PALETTE, chunk(b"tRNS", b"\0\x80\xff")),
    "grey with alpha, 8 bits": png_of(8, 4, rows_of(40)),
    "grey with alpha, 16 bits": png_of(16, 4, rows_of(80)),
    "colours with alpha, 8 bits": png_of(8, 6, rows_of(80)),
    "colours with alpha, 16 bits": png_of(16, 6, rows_of(160)),
    "interlaced colours": png_of(8, 2, laced(3), lace=1),
    "interlaced alpha": png_of(8, 6, laced(4), lace=1),
    "turned by XMP": png_of(8, 2, rows_of(60), (20, 20), XMP),
    "orientation 9, which is none": turned(9),
    **{f"orientation {each}": turned(each) for each in range(1, 9)},
    "a damaged profile": saved(draw(4), icc_profile=colour_profiles.display_p3()[:200]),
    "grey with a profile for colours": saved(draw(5).convert("L"), icc_profile=colour_profiles.display_p3()),
    "colours with a profile of grey": saved(draw(6), icc_profile=colour_profiles.grey(1.8)),
    "sRGB's own profile": saved(draw(7), icc_profile=colour_profiles.srgb()),
}


@pytest.mark.parametrize("name", PNGS)
def test_every_kind_of_png_gives_the_very_pixels(page, tmp_path, name):
    path = tmp_path / "photograph.png"
    path.write_bytes(PNGS[name])
    assert difference(page, path, Preprocessing(size=20)) == 0


def test_a_profile_of_grey_is_followed(page, tmp_path):
    path = tmp_path / "photograph.png"
    draw(9).convert("L").save(path, icc_profile=colour_profiles.grey(1.4))
    assert difference(page, path, AREA) <= LARGEST_LEVELS
    followed = read_photograph(path, Preprocessing(size=50))
    ignored = read_photograph(path, Preprocessing(size=50, profile="ignored"))
    assert np.abs(followed.astype(int) - ignored).max() > 10


def jpeg(image: Image.Image | None = None) -> bytes:
    return saved(image or draw(1), format="JPEG")


def frames() -> bytes:
    return saved(draw(1), save_all=True, append_images=[draw(2)])


PLAIN = saved(draw(1))
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty file"),
    "a text": (lambda: b"no photograph", "neither a JPEG nor a PNG"),
    "WebP": (lambda: saved(draw(1), format="WEBP"), "neither a JPEG nor a PNG"),
    "several frames": (frames, "animated"),
    "too small": (lambda: saved(draw(1).resize((15, 40))), "15x40 is too small"),
    "too large": (lambda: png_of(8, 0, b"", (20_000, 20_000)), f"more than {LARGEST} pixels"),
    "a PNG cut short": (lambda: PLAIN[: len(PLAIN) // 2], "damaged or cut short"),
    "rows that are missing": (lambda: png_of(8, 0, rows_of(20, height=10)), "cut short"),
    "a byte of the header changed": (lambda: PLAIN[:17] + b"\1" + PLAIN[18:], "damaged"),
    "a byte of the pixels changed": (lambda: PLAIN[:200] + bytes([PLAIN[200] ^ 1]) + PLAIN[201:], "damaged"),
    "another filter": (lambda: png_of(8, 0, rows_of(20, (7,))), "damaged"),
    "a hidden colour of 16 bits": (
        lambda: png_of(16, 2, rows_of(120), (20, 20), chunk(b"tRNS", bytes(6))),
        "a colour of it is transparent",
    ),
    "a JPEG cut short": (lambda: jpeg()[:-300], "cut short"),
    "a JPEG's head": (lambda: jpeg()[:20], "damaged or cut short"),
    "inks": (lambda: jpeg(draw(1).convert("CMYK")), "the colours of a printer"),
    "a profile that is a table": (
        lambda: saved(draw(1), icc_profile=colour_profiles.cmyk().replace(b"CMYKLab ", b"RGB Lab ")),
        "its colour profile is a table",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_refused_with_a_reason(page, name):
    content, reason = REFUSED[name]
    assert reason in str(pixels_of(page, content(), AREA))


def test_quality_is_measured_as_by_derm(page, real_data, awkward):
    paths = sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:3]
    for path in (*paths, awkward["flat.png"], awkward["plain.jpg"]):
        with open_photograph(path) as image:
            facts = facts_of(path, image)
            shorter = min(image.size)
        found = page.value(MEASURE.format(encoded=in_base64(path.read_bytes())))
        expected = {"brightness": facts.brightness, "contrast": facts.contrast, "focus": facts.focus, "side": shorter}
        assert found == pytest.approx(expected, abs=0.01)
