"""The pictures of a study's report: what they tell, and names that are text and have room."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.metrics.paired import paired_comparisons
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference
from derm_cli.studies.judging.pareto import ParetoFront, WorthPoint
from derm_cli.studies.reporting.report_plots import MOST_NAMED, class_changes_plot, pareto_plot
from tests.support.studies import made_predictions, twenty_answers

FAINT = "opacity: 0.35"


def changed(difference, *ends):
    interval = Interval(ends[0], ends[1], "patients") if ends else None
    return (MetricDifference("f1", 0.5, 0.5 + difference, difference, interval),)


@pytest.mark.parametrize(
    ("changes", "faint"),
    [
        ({"MEL": changed(0.3, -0.2, 0.6), "NEV": changed(0.1, 0.02, 0.2), "SEK": changed(-0.2, -0.3, -0.1)}, 1),
        ({"MEL": changed(-0.3, -0.6, 0.1), "NEV": changed(0.1, 0.0, 0.2)}, 2),
        ({"MEL": changed(0.3, 0.2, 0.6), "NEV": changed(-0.1, -0.2, -0.02)}, 0),
        ({"MEL": changed(0.3), "NEV": changed(-0.1)}, 0),
    ],
)
def test_what_may_be_chance_is_faint_and_the_reading_says_so(changes, faint):
    plot = class_changes_plot("first", {"second": SimpleNamespace(per_class=changes)})
    assert plot.svg.count(FAINT) == faint
    assert ("A faint one may be chance: its interval holds 0." in plot.reading) == bool(faint)


def test_where_no_class_has_a_difference_there_is_no_picture():
    nothing = (MetricDifference("f1", None, None, None, None, "no case"),)
    assert class_changes_plot("first", {"second": SimpleNamespace(per_class={"MEL": nothing})}) is None


def named_beside(svg):
    """Return the texts of a picture that are names of rows, each with whether it ends at its point."""
    found = re.findall(r"<text ([^>]*)>(row \d+)</text>", svg)
    return {name: "text-anchor: end" in style for style, name in found}


def front_of(count):
    worths = {f"row {number}": 0.4 + 0.05 * (number % 2) + 0.01 * number for number in range(count)}
    points = tuple(
        WorthPoint(name, worth, Interval(worth - 0.1, worth + 0.1, "patients"), *[float(number)] * 3)
        for number, (name, worth) in enumerate(worths.items())
    )
    return ParetoFront("size", "the smallest export in MB", "", points, ("row 0", "row 1", f"row {count - 1}"))


def test_names_stand_right_below_cheap_rows_and_left_above_dear_ones_where_no_line_is():
    assert named_beside(pareto_plot(front_of(4)).svg) == {"row 0": False, "row 1": False, "row 2": True, "row 3": True}


@pytest.mark.parametrize("more", [0, 1])
def test_of_few_rows_each_is_named_of_more_those_of_the_front(more):
    count = MOST_NAMED + more
    names = named_beside(pareto_plot(front_of(count)).svg)
    assert set(names) == (
        {f"row {number}" for number in (0, 1, count - 1)} if more else {f"row {n}" for n in range(count)}
    )


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


@pytest.mark.parametrize(
    ("classes", "rows", "name"), [(2, 3, "n" * 45), (6, 3, "n" * 36), (6, 1, "n" * 48), (7, 30, "b")]
)
def test_no_row_s_name_is_cut_however_many_classes_there_are(classes, rows, name):
    from matplotlib.textpath import TextPath

    changes = {f"C{number}": changed(0.1 * number, -0.2, 0.6) for number in range(classes)}
    named = {f"{name}{number % 10}"[:48] + " " * number: SimpleNamespace(per_class=changes) for number in range(rows)}
    svg = class_changes_plot("first", named).svg
    ends = re.findall(r'text-anchor: end[^"]*" x="([\d.]+)"[^>]*>((?:n|b)[^<]*)</text>', svg)
    assert len(ends) == rows
    for end, text in ends:
        assert float(end) >= TextPath((0, 0), text.strip(), size=9).get_extents().width, text
