"""The page of preprocessing is enough to do the same: its Python, and its formulas in NumPy, give derm's pixels."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.preprocessing import read_photograph
from derm_cli.plan import Preprocessing
from tests.support import awkward_photographs

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "preprocessing.md"
SIZE = 32


def rules(**options):
    ways = itertools.product(("squash", "letterbox", "crop"), ("nearest", "bilinear", "area"))
    return [Preprocessing(size=SIZE, resize=resize, interpolation=way, **options) for resize, way in ways]


@pytest.fixture(scope="module")
def reference():
    """What the page's Python defines."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    defined: dict = {}
    exec(compile(code, str(PAGE), "exec"), defined)
    return defined["read"]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory, real_data):
    """Awkward made photographs and real ones, each with a mask."""
    folder = tmp_path_factory.mktemp("photographs")
    paths = [
        *awkward_photographs.make_photographs(folder / "images"),
        *sorted(real_data.glob("ham10000/**/*.jpg"))[::900],
        *sorted(real_data.glob("pad-ufes-20/images/**/*.png"))[::200],
    ]
    return [(path, awkward_photographs.make_mask(path, folder / "masks" / f"{path.name}.png")) for path in paths]


@pytest.mark.parametrize("constancy", ["none", "shades-of-grey"])
@pytest.mark.parametrize("profile", ["srgb", "ignored"])
@pytest.mark.parametrize("crop", ["none", "lesion"])
def test_the_page_s_python_gives_derm_s_pixels(reference, photographs, crop, profile, constancy):
    assert len(photographs) > 18
    for rule in rules(crop=crop, profile=profile, constancy=constancy):
        for path, mask in photographs:
            pixels = reference(path, asdict(rule), mask)
            np.testing.assert_array_equal(
                pixels, read_photograph(path, rule, mask), err_msg=f"{path.name} {rule.text()}"
            )


def resample(pixels, start, length, out, way):
    """Resize the rows (axis 0) of float64 pixels from ``start`` over ``length`` to ``out``, by the page's formulas."""
    scale = length / out
    if way == "nearest":
        x, positions = start + scale / 2, []
        for _ in range(out):
            positions.append(int(x))
            x += scale
        return pixels[positions]
    rows = []
    for position in range(out):
        t = (np.arange(len(pixels)) + 0.5 - start - (position + 0.5) * scale) * (1 / max(scale, 1))
        weights = np.maximum(0, 1 - np.abs(t)) if way == "bilinear" else ((t > -0.5) & (t <= 0.5)).astype(float)
        rows.append(np.tensordot(weights / weights.sum(), pixels, axes=1))
    return np.floor(np.stack(rows) + 0.5)


def square(pixels, rule):
    height, width, _ = pixels.shape
    box, sizes = (0.0, 0.0, width, height), (SIZE, SIZE)
    if rule.resize == "crop":
        side = min(width, height)
        box = ((width - side) / 2, (height - side) / 2, side, side)
    if rule.resize == "letterbox":
        other = max(1, round(min(width, height) / max(width, height) * SIZE))
        sizes = (SIZE, other) if width > height else (other, SIZE)
    flow = pixels.astype(np.float64).swapaxes(0, 1)
    flow = resample(flow, box[0], box[2], sizes[0], rule.interpolation).swapaxes(0, 1)
    flow = resample(flow, box[1], box[3], sizes[1], rule.interpolation)
    ground = np.zeros((SIZE, SIZE, 3))
    top, left = round((SIZE - sizes[1]) / 2), round((SIZE - sizes[0]) / 2)
    ground[top : top + sizes[1], left : left + sizes[0]] = flow
    return ground


@pytest.mark.parametrize("sides", [(90, 121), (121, 90), (64, 64), (32, 32), (20, 17), (300, 16), (97, 96)])
@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.resize}-{rule.interpolation}")
def test_the_page_s_formulas_of_resizing_give_derm_s_pixels(tmp_path, rule, sides):
    pixels = np.random.default_rng(sides).integers(0, 256, (*sides, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    resized = read_photograph(tmp_path / "a.png", rule).astype(int)
    # Pillow's weights are fixed-point numbers: what lies just between two levels may be rounded the other way.  With
    # the height resized first every fifth value would be another.
    assert np.abs(resized - square(pixels, rule)).max() <= (0 if rule.interpolation == "nearest" else 1)
    assert (resized != square(pixels, rule)).mean() < 0.05


def test_the_page_s_numbers_are_the_code_s():
    from derm_cli.data.preprocessing import LARGEST, SMALLEST, colour, constancy
    from derm_cli.preprocessing import LARGEST_MARGIN

    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    levels = len(range(0, 256, 15))
    assert f"more than {LARGEST:,} pixels" in page
    assert f"a side below {SMALLEST} pixels" in page
    assert f"none of the {levels**3:,} colours" in page
    assert (colour.UNSEEN, constancy.NORM, LARGEST_MARGIN) == (2, 6, 2)
    assert math.isclose(Preprocessing(size=1).crop_margin, 0.2)
