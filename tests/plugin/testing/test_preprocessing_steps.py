"""The kit holds steps of preprocessing to their contract."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from derm_cli.plugin.testing import check_preprocessing_step
from tests.support.preprocessing_steps import step_spec


def small_alone(pixels, _):
    return pixels[:, ::-1] if pixels.shape[0] < 10 else pixels[:, :, :2]


@pytest.mark.parametrize(
    "apply",
    [
        lambda pixels, _: pixels,
        lambda pixels, _: pixels[::2, ::-1],
        lambda pixels, options: np.clip(pixels.astype(int) + options["left"], 0, 255).astype(np.uint8),
        lambda pixels, _: np.pad(pixels, ((1, 1), (0, 0), (0, 0))),
    ],
)
def test_a_step_that_keeps_to_it_passes(apply):
    check_preprocessing_step(step_spec(apply=apply))


def counting():
    count = itertools.count()
    return lambda pixels, _: pixels + np.uint8(next(count))


def remembering():
    before = [0]

    def apply(pixels, _):
        mean, before[0] = before[0], int(pixels.mean())
        return pixels // 2 + np.uint8(mean % 3)

    return apply


def of_the_main_thread(pixels, _):
    return pixels if threading.current_thread() is threading.main_thread() else 255 - pixels


@pytest.mark.parametrize(
    ("apply", "said"),
    [
        (lambda pixels, _: pixels[8:], "for a small photograph of shape (8, 8, 3) it gives the shape (0, 8, 3)"),
        (lambda pixels, _: pixels / 255, "for a photograph it gives ndarray, but must give an array of uint8"),
        (lambda pixels, _: list(pixels), "for a photograph it gives list, but must give an array of uint8"),
        (small_alone, "it gives the shape (32, 32, 2), but must give (h, w, 3)"),
        (lambda pixels, _: 1 // int(pixels.max()), "for a photograph it gives int"),
        (lambda pixels, _: pixels[1 // int(pixels.max()) :], "for a black photograph of shape (9, 12, 3) it fails: "),
        (counting(), "other pixels when asked again, in another order,"),
        (remembering(), "other pixels when asked again, in another order,"),
        (of_the_main_thread, "other pixels when asked by several threads at once"),
    ],
)
def test_what_breaks_it_is_told(apply, said):
    with pytest.raises(AssertionError) as caught:
        check_preprocessing_step(step_spec(apply=apply))
    assert said in str(caught.value)
