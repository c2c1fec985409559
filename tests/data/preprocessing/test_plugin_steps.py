"""A plugin's step changes a photograph after the crop and before it is resized, in every way that derm reads one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from derm_cli.data.packing import workers
from derm_cli.data.packing.pack import pack
from derm_cli.data.preprocessing import read_photograph
from derm_cli.data.preprocessing.plugin_steps import changed_by_steps
from derm_cli.errors import DermError
from derm_cli.plugin.calling import Origin, PluginFault, guarded
from derm_cli.preprocessing import Preprocessing
from tests.support.preprocessing_steps import dimmed, step_spec

STEP = step_spec().step({"left": 2})
RULE = Preprocessing(size=32, steps=(STEP,))
OTHER = step_spec(name="inverted", apply=lambda pixels, _: 255 - pixels).step()


@pytest.fixture
def photograph(tmp_path):
    """A photograph's file and its pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (47, 61, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return tmp_path / "a.png", pixels


def resized(pixels, tmp_path, **rule):
    """Return what derm makes of pixels that are a photograph already."""
    Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / "changed.png")
    return read_photograph(tmp_path / "changed.png", Preprocessing(size=32, **rule))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((), lambda pixels: pixels),
        ((STEP,), lambda pixels: dimmed(pixels, 2)),
        ((STEP, OTHER), lambda pixels: 255 - dimmed(pixels, 2)),
        ((OTHER, STEP), lambda pixels: dimmed(255 - pixels, 2)),
    ],
)
@pytest.mark.parametrize("rule", [{}, {"resize": "letterbox", "interpolation": "area", "constancy": "shades-of-grey"}])
def test_steps_come_one_after_another_before_the_square(photograph, tmp_path, steps, expected, rule):
    file, pixels = photograph
    found = read_photograph(file, Preprocessing(size=32, steps=steps, **rule))
    assert np.array_equal(found, resized(expected(pixels), tmp_path, **rule))


def test_a_step_comes_after_the_crop(photograph, tmp_path):
    file, pixels = photograph
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[10:30, 20:40] = 255
    Image.fromarray(mask).save(tmp_path / "m.png")
    crop = {"crop": "lesion", "crop_margin": 0.0}
    found = read_photograph(file, replace(RULE, **crop), tmp_path / "m.png")
    assert np.array_equal(found, resized(dimmed(pixels[10:30, 20:40], 2), tmp_path))


def test_a_pack_has_what_reading_gives_and_another_version_has_another_pack(photograph, tmp_path, monkeypatch):
    file, _ = photograph
    # As if there were many: no process of its own has a plugin, so the step must be asked for in this one.
    monkeypatch.setattr(workers, "WORTH_SECONDS", 0.0)
    files = [file, file]
    packed = pack(files, RULE, tmp_path / "cache", "x")
    assert np.array_equal(packed.photographs[1], read_photograph(file, RULE))
    assert not pack(files, RULE, tmp_path / "cache", "x").fresh
    newer = step_spec(version=2, apply=lambda pixels, _: pixels // 4).step({"left": 2})
    for rule in (replace(RULE, steps=(newer,)), replace(RULE, steps=()), replace(RULE, steps=(OTHER,))):
        changed = pack(files, rule, tmp_path / "cache", "x")
        assert (changed.fresh, changed.reused) == (True, 0)
        assert np.array_equal(changed.photographs[0], read_photograph(file, rule))


def test_no_photograph_is_read_without_a_step_that_nobody_looked_up(photograph, tmp_path):
    unbound = replace(RULE, steps=(replace(STEP, apply=None),))
    for read in (
        lambda: read_photograph(photograph[0], unbound),
        lambda: pack([photograph[0]], unbound, tmp_path / "cache", "x"),
    ):
        with pytest.raises(DermError, match="preprocessing step 'dimmed' was not looked up, and no photograph is read"):
            read()


def test_a_step_may_write_into_what_it_is_given_and_harms_no_photograph():
    def erase(pixels, _):
        pixels[:] = 0
        return pixels

    image = Image.new("RGB", (3, 2), (9, 9, 9))
    assert changed_by_steps(image, (step_spec(apply=erase).step(),)).getpixel((0, 0)) == (0, 0, 0)
    assert image.getpixel((0, 0)) == (9, 9, 9)


def failing(_, __):
    raise ZeroDivisionError("no hair")


@pytest.mark.parametrize(
    ("apply", "said"),
    [
        (failing, "fails (ZeroDivisionError: no hair; '"),
        (lambda pixels, _: None, "gives None, but must give"),
        (lambda pixels, _: pixels.astype(np.float32), "gives an array of float32, but must give"),
        (lambda pixels, _: pixels.astype(np.uint16), "gives uint16, but must give uint8"),
        (lambda pixels, _: pixels[..., 0], "gives an array of shape (2, 3), but must give (any, any, 3)"),
        (lambda pixels, _: np.dstack([pixels, pixels]), "gives an array of shape (2, 3, 6), but must give"),
        (lambda pixels, _: pixels[:0], "gives an array of shape (0, 3, 3), which has no pixel"),
    ],
)
def test_what_a_step_does_wrong_is_told_as_its_plugin_s(apply, said):
    spec = guarded(step_spec(apply=apply), Origin("clinic", "my-clinic 0.1"))
    with pytest.raises(PluginFault) as caught:
        changed_by_steps(Image.new("RGB", (3, 2)), (spec.step(),))
    assert str(caught.value).startswith("Plugin 'clinic' (my-clinic 0.1): apply of preprocessing step 'dimmed' " + said)
    assert "test_plugin_steps.py', line " in str(caught.value)
    assert str(caught.value).endswith(": tell its author.")
