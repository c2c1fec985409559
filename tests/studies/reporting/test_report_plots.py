"""The pictures of a study's report: names that are text, and have room."""

from __future__ import annotations

import re

import pytest

from derm_cli.evaluation.metrics.paired import paired_comparisons
from derm_cli.studies.judging.pareto import ParetoFront, WorthPoint
from derm_cli.studies.reporting.report_plots import class_changes_plot, pareto_plot
from tests.support.studies import made_predictions, twenty_answers


def changes(*names):
    first = made_predictions(twenty_answers(8))
    others = {name: made_predictions(twenty_answers(number)) for number, name in enumerate(names)}
    return class_changes_plot("first", paired_comparisons(first, others, "first", intervals=False))


def width_of(svg):
    return float(re.search(r'<svg [^>]*width="([0-9.]+)pt"', svg)[1])


def ends_of_labels(svg, *names):
    """Return where the labels of rows end, in points from the left: they are set to the right."""
    texts = re.findall(r"<text ([^>]*)>([^<]*)</text>", svg)
    return [float(re.search(r'\bx="([0-9.]+)"', mark)[1]) for mark, text in texts if text in names]


@pytest.mark.parametrize("name", ["a $\\frac$ b", "b$_{x", "cost $5$", "a \\$ b"])
def test_a_name_is_no_formula(name):
    front = ParetoFront("size", f"size {name}", "", (WorthPoint(name, 0.5, None, 1.0, 1.0, 1.0),), (name,))
    for svg in (changes(name).svg, pareto_plot(front).svg):
        assert f">{name}</text>" in svg


@pytest.mark.parametrize("name", ["x", "b: ImageNet, HAM10000, strong", "W" * 40, "\u76ae" * 40])
def test_the_margin_follows_the_longest_name(name):
    svg = changes("short", name).svg
    # Nine points a letter in the widest fonts, .6 of that on average, and for a letter of East Asia all of it.
    wide = {"W": 8.8, "\u76ae": 9.0}.get(name[0], 5.5) * len(name)
    assert all(end - wide > 2 for end in ends_of_labels(svg, name))
    assert len(ends_of_labels(svg, name)) == 1
    assert width_of(svg) > wide


def test_of_a_very_long_name_the_middle_is_left_out():
    name = "backbone=effnet-lite0, chain=imagenet,ham10000,pad-ufes-20, size=384"
    svg = changes(name).svg
    assert f">{name[:23]}…{name[-24:]}</text>" in svg


def test_names_beside_points_go_to_the_side_where_there_is_room():
    points = tuple(WorthPoint(f"row {cost} " + "x" * 30, cost / 10, None, cost, cost, cost) for cost in (1.0, 2.0, 3.0))
    svg = pareto_plot(ParetoFront("size", "size", "", points, tuple(each.row for each in points))).svg
    anchors = re.findall(r"<text ([^>]*)>row (\d)[^<]*…[^<]*</text>", svg)
    assert ["end" if "text-anchor: end" in mark else "start" for mark, _ in anchors] == ["start", "start", "end"]
