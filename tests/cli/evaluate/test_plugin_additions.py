"""What plugins add to an evaluation: in the terminal, in JSON, in CSV and on the page; faults are told as theirs."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from derm_cli.evaluation.predictions import write_predictions
from tests.support.pages import Page
from tests.support.synthetic_tables import random_table

PLUGIN = """
from derm_cli.plugin import MetricSpec, ReportParagraph, ReportSectionSpec, hookimpl


def errors(cases):
    return float((cases.labels != cases.predictions).mean())


def broken(cases):
    raise ZeroDivisionError("no cost")


@hookimpl
def derm_metrics():
    return [
        MetricSpec(name="errors", title="share of errors", compute=errors, better="lower", unit="%", decimals=1),
        MetricSpec(name="broken", title="broken cost", compute=broken),
    ]


@hookimpl
def derm_report_sections():
    def render(facts):
        return [ReportParagraph(text=f"{len(facts.cases.labels)} cases, {facts.evaluation['accuracy']:.3f} right")]

    return [ReportSectionSpec(name="ours", title="Our section", render=render)]
"""


@pytest.fixture
def tables():
    """A project with a plugin, and two tables of the same cases, three of each patient."""
    Path("derm.toml").write_text("")
    Path("derm_plugin.py").write_text(PLUGIN)
    one = random_table(0, 180, 3, per_patient=3)
    write_predictions(one, Path("one.csv"))
    write_predictions(replace(one, predictions=np.roll(one.predictions, 3)), Path("two.csv"))
    yield one
    sys.modules.pop("derm_plugin", None)


def test_a_metric_and_a_section_of_a_project_are_everywhere(place, tables):
    errors = float((tables.labels != tables.predictions).mean())
    asked = ("evaluate", "--predictions", "one.csv", "--draws", "60")
    stored = place.json(*asked)["plugin_metrics"]
    low, high, method = stored["errors"]["interval"]
    assert (stored["errors"]["value"], method) == (errors, "patients")
    assert low < errors < high
    assert (stored["broken"]["value"], stored["broken"]["fault"]) == (None, "plugin 'derm_plugin.py' failed")

    said = place.derm(*asked, "--csv", "out.csv", "--report", "page.html")
    shown = " ".join(said.stdout.split())
    assert f"share of errors % {100 * errors:.1f} ({100 * low:.1f}–{100 * high:.1f})" in shown
    assert "broken cost failed" in shown
    assert "compute of metric 'broken' fails (ZeroDivisionError: no cost; " in " ".join(said.stderr.split())
    rows = {(row["row"], row["figure"]): row for row in csv.DictReader(io.StringIO(Path("out.csv").read_text()))}
    assert float(rows["share of errors %", "value"]["low"]) == low
    assert rows["share of errors %", "better"]["value"] == "lower"

    page = Page.of(Path("page.html").read_text(encoding="utf-8"))
    assert "share of errors %" in page.words("plugin-metrics")
    assert f"180 cases, {1 - errors:.3f} right" in page.words("plugin-ours")


def test_two_tables_are_compared_by_it(place, tables):
    compared = place.json("runs", "compare", "one.csv", "two.csv", "--draws", "60")["plugin_metrics"]
    values = [compared["runs"][name]["errors"]["value"] for name in ("one.csv", "two.csv")]
    (difference,) = [each for each in compared["differences"]["two.csv"] if each["metric"] == "errors"]
    assert difference["value"] == values[1] - values[0]
    assert difference["interval"][0] < difference["value"] < difference["interval"][1]
    shown = " ".join(place.derm("runs", "compare", "one.csv", "two.csv", "--draws", "60").stdout.split())
    assert f"share of errors % {100 * values[0]:.1f} (" in shown
    assert "paired differences, more than one.csv" in shown


def test_the_listing_tells_of_both_and_the_kit_finds_the_fault(place, tables):
    (plugin,) = [each for each in place.json("plugins", "list")["plugins"] if each["name"] == "derm_plugin.py"]
    assert (plugin["metrics"], plugin["report_sections"]) == (["errors", "broken"], ["ours"])
    said = place.derm("plugins", "check", "derm_plugin.py", exit_status=1).stdout
    assert "ok     metric 'errors': what it computes" in said
    assert "FAULT  metric 'broken': what it computes" in said
    assert "FAULT  report section 'ours': what it shows" in said
