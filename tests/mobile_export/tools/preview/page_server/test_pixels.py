"""The page's preprocessing in a real Chromium: of PNG the very pixels of derm's, of JPEG nearly."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, PngImagePlugin

from derm_cli.data.preprocessing import UnreadablePhotograph, read_photograph
from derm_cli.plan import Preprocessing
from tests.support import colour_profiles
from tests.support.awkward_photographs import draw, make_photographs

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
    Preprocessing(size=size, resize=resize, interpolation=interpolation, **more)
    for size, resize, interpolation, more in (
        (32, "squash", "nearest", {}),
        (33, "squash", "bilinear", {"constancy": "shades-of-grey"}),
        (160, "squash", "area", {}),
        (97, "letterbox", "area", {"constancy": "shades-of-grey"}),
        (64, "letterbox", "nearest", {"profile": "ignored"}),
        (224, "letterbox", "bilinear", {}),
        (75, "crop", "area", {"crop": "lesion"}),
        (224, "crop", "bilinear", {}),
        (131, "crop", "nearest", {}),
    )
]


@pytest.fixture(scope="module")
def page(browser, served):
    browser.open(f"{served.address}icon.svg")
    return browser


def pixels_of(page, content: bytes, rule: Preprocessing) -> np.ndarray | str:
    from dataclasses import asdict
    import json

    encoded = json.dumps(base64.b64encode(content).decode())
    told = page.value(READ.format(encoded=encoded, rule=json.dumps(asdict(rule))))
    if told.startswith("refused: "):
        return told.removeprefix("refused: ")
    return np.frombuffer(base64.b64decode(told), np.uint8).reshape(rule.size, rule.size, 3)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_real_png_gives_the_very_pixels_by_every_rule(page, real_data, rule):
    for path in sorted(real_data.joinpath("pad-ufes-20").rglob("*.png"))[:2]:
        assert np.array_equal(pixels_of(page, path.read_bytes(), rule), read_photograph(path, rule))
