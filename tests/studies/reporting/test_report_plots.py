"""The pictures of a study's report."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference
from derm_cli.studies.judging.pareto import ParetoFront, WorthPoint
from derm_cli.studies.reporting.report_plots import MOST_NAMED, class_changes_plot, pareto_plot

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
