"""Sections of plugins stand on the page as text and pictures alone; one that fails takes nothing else along."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from derm_cli.evaluation.judging import judge
from derm_cli.evaluation.reporting.plugin_sections import plugin_sections
from derm_cli.evaluation.reporting.report import ReportFacts, write_report
from derm_cli.plugin import ReportParagraph, ReportPlot, ReportSectionFacts, ReportSectionSpec, ReportTable
from derm_cli.plugin.calling import Origin, guarded
from tests.support.pages import Page
from tests.support.synthetic_tables import random_table

TABLE = random_table(5, 80, 3, per_patient=2)
JUDGEMENT = judge(TABLE, {"C00": "malignant"}, draws=20)
MARKUP = "<script>alert('x')</script> & <b onclick=1>"


def section(render: Any, name: str = "own", **fields: Any) -> ReportSectionSpec:
    spec = ReportSectionSpec(**{"name": name, "title": f"About {name}", "render": render} | fields)
    return guarded(spec, Origin("cost-tools", shipped_by="cost-tools 1.0"))


def page_with(path, *specs: ReportSectionSpec) -> tuple[Page, str]:
    added = plugin_sections(specs, "Run x", JUDGEMENT, TABLE, JUDGEMENT.to_json(), synthetic=True)
    write_report(JUDGEMENT, TABLE, path, "Run x", ReportFacts(), synthetic=True, added=added)
    text = path.read_text(encoding="utf-8")
    return Page.of(text), text


def everything(facts: ReportSectionFacts) -> list[Any]:
    figure = Figure(figsize=(2, 1))
    figure.subplots().bar([each.name for each in facts.classes], np.bincount(facts.cases.labels))
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>'
    return [
        ReportParagraph(text=f"First {MARKUP}"),
        ReportTable(
            title=f"Costs {MARKUP}",
            header=("class", MARKUP, "cost"),
            rows=((MARKUP, 7, 1 / 3), ("C01", np.int64(8), None), ("C02", 9, float("nan"))),
            decimals=2,
        ),
        ReportPlot(title=f"Bars {MARKUP}", content=figure, reading=f"The taller {MARKUP}"),
        ReportPlot(title="Drawing", content=drawing, reading="A triangle"),
    ]


def test_a_section_stands_in_the_contents_and_all_of_its_text_is_text(tmp_path):
    page, text = page_with(tmp_path / "report.html", section(everything, subtitle=f"Plain {MARKUP}"))
    assert '<a href="#plugin-own">About own</a>' in text
    words = page.words("plugin-own")
    for said in (
        f"First {MARKUP}",
        f"Costs {MARKUP}",
        f"Plain {MARKUP}",
        "By plugin cost-tools.",
        "0.33",
        f"Bars {MARKUP}",
    ):
        assert said in words
    assert words.count("–") >= 2
    tags = [tag for tag, about in page.elements if "onclick" in about or tag == "b"]
    assert tags == []
    # The page's own program, and nothing of the plugin's.
    assert [tag for tag, _ in page.elements].count("script") == 1
    images = [about for tag, about in page.elements if tag == "img"]
    assert [about["src"].partition(",")[0] for about in images] == [
        "data:image/png;base64",
        "data:image/svg+xml;base64",
    ]
    assert images[0]["alt"] == f"The taller {MARKUP}"


def test_a_section_stands_where_it_asks_for_it_or_at_the_end(tmp_path):
    def words(facts):
        return [ReportParagraph(text="words")]

    page, _ = page_with(
        tmp_path / "report.html",
        section(words, "one", after="triage"),
        section(words, "two"),
        section(words, "three", after="triage"),
        section(words, "four", after="nowhere"),
        section(lambda facts: [], "empty"),
    )
    ids = list(page.sections)
    assert ids[ids.index("triage") :][:3] == ["triage", "plugin-one", "plugin-three"]
    assert ids[-3:] == ["plugin-two", "plugin-four", "limitations"]
    assert "plugin-empty" not in ids


def test_what_a_section_is_given():
    given = []

    def look(facts):
        given.append(facts)
        facts.evaluation["accuracy"] = "overwritten"
        return []

    evaluation = JUDGEMENT.to_json()
    specs = [section(look, "one"), section(look, "two")]
    assert plugin_sections(specs, "Run x", JUDGEMENT, TABLE, evaluation, synthetic=True) == []
    first, second = given
    assert (first.title, first.synthetic) == ("Run x", True)
    assert [(each.name, each.severity) for each in first.classes] == [
        ("C00", "malignant"),
        ("C01", None),
        ("C02", None),
    ]
    assert first.cases.patients.tolist() == TABLE.patients.tolist()
    assert not any("P0" in str(value) for value in vars(first.cases).values())
    # Nobody's change is another's.
    assert second.evaluation is not first.evaluation
    assert evaluation["accuracy"] != "overwritten"
    plugin_sections([section(look)], "Run x", None, None, {"cases": 0}, synthetic=False)
    assert (given[-1].cases, given[-1].classes) == (None, ())


def fails(facts):
    raise KeyError("no cost")


@pytest.mark.parametrize(
    ("render", "said"),
    [
        (fails, "render of report section 'own' fails (KeyError: 'no cost';"),
        (lambda facts: None, "gives None, but must give Sequence[ReportParagraph | ReportTable | ReportPlot]"),
        (lambda facts: [MARKUP], "gives a list with the str"),
        (
            lambda facts: [ReportPlot(title="P", content=b"<svg><script/></svg>", reading="x")],
            "report section 'own': An SVG begins with 'svg'",
        ),
        (
            lambda facts: [ReportTable(title="T", header=("a",), rows=(("x", "y"),))],
            "report table 'T': row 1 has 2 cells under 1 headings",
        ),
    ],
)
def test_a_section_that_fails_is_the_plugin_s_fault_and_all_else_of_the_page_stands(tmp_path, capsys, render, said):
    page, _ = page_with(tmp_path / "report.html", section(render), section(everything, "good"))
    told = " ".join(capsys.readouterr().err.split())
    assert "lugin 'cost-tools'" in told
    assert said in told
    assert page.words("plugin-own").endswith("Plugin 'cost-tools' failed to write this section; all else stands.")
    assert "Costs" in page.words("plugin-good")
    assert "limitations" in page.sections
