"""The pictures of a study's report."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from derm_cli.evaluation.intervals.resampling import Interval
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference
from derm_cli.studies.reporting.report_plots import class_changes_plot

FAINT = "opacity: 0.35"


def changed(difference, *ends):
    interval = Interval(*ends, "by patient") if ends else None
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
