"""Colours and dashes of curves: they stand out, and no two are confused."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.evaluation.reporting.plots.line_styles import COLOURS, DARK_PAGE_COLOURS, LegendEntry, line_style
from tests.support.pages import contrast


def test_no_two_of_30_curves_look_alike() -> None:
    assert len({str(line_style(index)) for index in range(30)}) == 30
    assert len({(LegendEntry(index, "").colour, LegendEntry(index, "").dashes) for index in range(30)}) == 30


@pytest.mark.parametrize(("colours", "ground"), [(COLOURS, "#ffffff"), (DARK_PAGE_COLOURS, "#14171a")])
def test_curves_stand_out_from_their_page(colours: tuple[str, ...], ground: str) -> None:
    """WCAG 2.2, 1.4.11 asks 3 to 1 of what is needed to read a graphic."""
    for each in colours:
        assert contrast(each, ground) >= 3, each


# Machado, Oliveira and Fernandes 2009, full severity: what those see who lack one kind of cone, in linear RGB.
SEEN = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


@pytest.mark.parametrize("colours", [COLOURS, DARK_PAGE_COLOURS])
@pytest.mark.parametrize("kind", ["usual", *SEEN])
def test_curves_are_told_apart_by_those_who_confuse_red_and_green(colours: tuple[str, ...], kind: str) -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    rgb = np.array([[int(each[start : start + 2], 16) / 255 for start in (1, 3, 5)] for each in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = (linear @ np.array(SEEN[kind]).T).clip(0, 1) if kind in SEEN else linear
    simulated = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    lab = rgb2lab(simulated[np.newaxis])[0]
    apart = [
        float(deltaE_ciede2000(lab[first], lab[second]))
        for first in range(len(lab))
        for second in range(first + 1, len(lab))
    ]
    assert min(apart) > 20, f"the nearest two are {min(apart):.1f} apart"
