"""The test vectors: drawn, of each kind, the same wherever they are drawn."""

from __future__ import annotations

import json

import numpy as np
from PIL import Image

from derm_cli.data.preprocessing import read_photograph
from mobile_export.bundle.vectors import draw, write_vectors


def test_there_is_one_of_each_kind_that_programs_read_differently(packed):
    kinds = {}
    for path in sorted((packed / "vectors").iterdir()):
        if path.suffix != ".json":
            with Image.open(path) as image:
                kinds[path.name] = (image.format, image.mode, image.size, image.getexif().get(0x0112))
    assert kinds == {
        "already-resized.png": ("PNG", "RGB", (32, 32), None),
        "another-resized.png": ("PNG", "RGB", (32, 32), None),
        "cmyk.jpg": ("JPEG", "CMYK", (160, 120), None),
        "grey.png": ("PNG", "L", (160, 120), None),
        "palette.png": ("PNG", "P", (160, 120), None),
        "plain.jpg": ("JPEG", "RGB", (160, 120), None),
        "rotated.jpg": ("JPEG", "RGB", (160, 120), 6),
        "sixteen-bit-grey.png": ("PNG", "I;16", (160, 120), None),
        "tall.jpg": ("JPEG", "RGB", (90, 640), None),
        "third-resized.png": ("PNG", "RGB", (32, 32), None),
        "transparent.png": ("PNG", "RGBA", (160, 120), None),
    }


def test_they_have_the_run_s_own_answers(packed, network, facts):
    rows = json.loads((packed / "vectors" / "expected.json").read_text())
    pixels = np.stack([read_photograph(packed / row["file"], facts.preprocessing) for row in rows])
    expected = network.predict(pixels.astype("float32"), verbose=0)
    np.testing.assert_allclose([row["probabilities"] for row in rows], expected, atol=1e-6)
    assert {len(row["answers"]) for row in rows} == {0}
    assert np.ptp(expected, axis=0).max() > 0.05, "the vectors must be told apart for them to show anything"


def test_of_a_model_that_takes_answers_some_have_them(packed_with_answers):
    answers = [row["answers"] for row in json.loads((packed_with_answers / "vectors" / "expected.json").read_text())]
    assert answers[0] == {}
    assert answers[1].keys() == {"age", "bleed", "site"}
    assert {each["bleed"] for each in answers[1::2]} == {"yes", "no"}
    assert {each["site"] for each in answers[1::2]} == {"head/neck", "torso"}
    assert len({each["age"] for each in answers[1::2]}) > 2
    assert all(0 <= float(each["age"]) <= 120 for each in answers[1::2])


def test_the_same_are_drawn_again(pack_request, packed, tmp_path):
    write_vectors(pack_request, tmp_path)
    for path in (packed / "vectors").iterdir():
        assert (tmp_path / "vectors" / path.name).read_bytes() == path.read_bytes(), path.name
    assert not np.array_equal(draw(0), draw(1))
