"""A metric and a section of the report are held to their contract before anybody relies on them."""

from __future__ import annotations

import numpy as np
import pytest

from derm_cli.errors import DermError
from derm_cli.plugin import MetricSpec, ReportParagraph, ReportPlot, ReportSectionSpec, ReportTable
from derm_cli.plugin.testing import check_metric, check_report_section


def accuracy(cases):
    return float((cases.labels == cases.predictions).mean())


def sensitivities(cases):
    with np.errstate(invalid="ignore"):
        hits = [(cases.predictions[cases.labels == index] == index).sum() for index in range(len(cases.classes))]
        return np.array(hits) / np.bincount(cases.labels, minlength=len(cases.classes))


def spec(compute, **fields):
    return MetricSpec(name="own", title="Own", compute=compute, **fields)


@pytest.mark.parametrize(
    "good", [spec(accuracy, lowest=0, highest=1), spec(sensitivities, per_class=True), spec(lambda cases: 1)]
)
def test_a_good_metric_passes(good):
    check_metric(good)


def of_last_class(cases):
    if not (cases.labels == 2).any():
        raise ZeroDivisionError("no case")
    return 0.5


def counting(seen=[]):  # noqa: B006
    seen.append(1)
    return float(len(seen))


def overwriting(cases):
    cases.labels[:] = 0
    return 0.5


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        (spec(lambda cases: "0.5"), AssertionError, "of a table it gives the str '0.5', but must give a number"),
        (spec(lambda cases: [0.5] * 3, per_class=False), AssertionError, "it gives a list, but must give a number"),
        (spec(accuracy, per_class=True), AssertionError, "but must give an array of 3 numbers"),
        (spec(lambda cases: 2.0, highest=1), AssertionError, "gives 2, which is not in the range"),
        (spec(lambda cases: np.nan), AssertionError, "of a table with all classes it gives no number"),
        (spec(lambda cases: counting()), AssertionError, "and then 2.0: let it hang on the cases alone"),
        (spec(of_last_class), ZeroDivisionError, "no case"),
        (spec(overwriting), ValueError, "read-only"),
    ],
)
def test_a_bad_metric_is_told_of(bad, error, said):
    with pytest.raises(error, match=said):
        check_metric(bad)


def section(render):
    return ReportSectionSpec(name="own", title="Own", render=render)


def shown(facts):
    table = ReportTable(title="Classes", header=("class",), rows=tuple((each.name,) for each in facts.classes))
    return [ReportParagraph(text=f"{facts.evaluation['cases']} cases"), *([table] if facts.cases else [])]


@pytest.mark.parametrize("render", [shown, lambda facts: ()])
def test_a_good_section_passes(render):
    check_report_section(section(render))


@pytest.mark.parametrize(
    ("render", "error", "said"),
    [
        (lambda facts: "words", AssertionError, "of a table it gives .*'words'.*, but must give Sequence"),
        (lambda facts: [7], AssertionError, "a list with the int 7"),
        (lambda facts: [ReportParagraph(text=7)], AssertionError, "'text' the int 7, which is no str"),
        (lambda facts: [str(facts.cases.labels)], AssertionError, "must give Sequence"),
        (lambda facts: [ReportParagraph(text=str(len(facts.cases.labels)))], AttributeError, "NoneType"),
        (
            lambda facts: [ReportPlot(title="P", content=b"GIF89a", reading="none")],
            DermError,
            "neither a PNG nor an SVG",
        ),
    ],
)
def test_a_bad_section_is_told_of(render, error, said):
    with pytest.raises(error, match=said):
        check_report_section(section(render))
