"""The page of a run: one file with every figure, in which names are text, and which asks for nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.reporting import report
from derm_cli.evaluation.reporting.formats import shown
from derm_cli.evaluation.reporting.limitations import GENERAL
from derm_cli.evaluation.reporting.report import ExamplePhotograph, ReportFacts, write_report
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import with_class_titles
from tests.support.pages import BAD, REPORT_FACTS, SEVERITIES, Page, awkward_predictions, contrast
from tests.support.synthetic_tables import random_table, small

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
TEST = awkward_predictions(0)
FETCHING = {"src", "srcset", "href", "xlink:href", "poster", "data", "action", "formaction", "background", "ping"}


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    return judge(TEST, SEVERITIES, awkward_predictions(1, 200), draws=40)


@pytest.fixture(scope="module")
def text(judgement: Judgement, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    noted = replace(judgement, notes=(*judgement.notes, "A note with <i>."))
    write_report(noted, TEST, path, "Run <x>", REPORT_FACTS, synthetic=True)
    return path.read_text(encoding="utf-8")


def page_of(judgement: Judgement, path: Path, report_facts: ReportFacts, predictions=TEST, **more) -> Page:
    write_report(judgement, predictions, path, "Run x", report_facts, synthetic=False, **more)
    return Page.of(path.read_text(encoding="utf-8"))


def test_it_has_every_figure(text: str, judgement: Judgement) -> None:
    page = Page.of(text)
    tables = [*judgement_tables(judgement), *REPORT_FACTS.tables]
    # What may be chance is folded: a table of its own, or the only one.
    parts = [part for table in tables for part in (table.told, table.rest) if part is not None and part.rows]
    assert sum(len(part.rows) for part in parts) == sum(len(table.rows) for table in tables)
    for table in parts:
        header, *rows = page.tables[table.title]
        assert header == [" / ".join(table.header[: table.keys]), *table.header[table.keys :]]
        for cells, row in zip(rows, with_class_titles(table, REPORT_FACTS.class_titles).rows, strict=True):
            named = " ".join(map(shown, row[: table.keys]))
            assert cells[0].removesuffix("\N{NO-BREAK SPACE}▲") == named
            assert cells[1:] == list(map(shown, row[table.keys :])), (table.name, row)


def test_it_tells_where_the_figures_come_from_and_what_they_cannot_say(text: str) -> None:
    page = Page.of(text)
    assert "backbone effnet-b3 chain imagenet, <edra>" in page.words("model-details")
    for words in (*GENERAL, *REPORT_FACTS.limitations, "Derm is no medical device"):
        assert words in page.words("limitations")
    assert "300 test photographs, 4 classes." in page.words("")
    assert "A note with <i>." in page.words("")
    pictures = {"roc", "pr", "decision-curve", "reliability", "abstention", "history", "confusion"}
    assert {about["id"] for tag, about in page.elements if tag == "figure"} == {f"p-{each}" for each in pictures}
    for section in page.sections.keys() - {""}:
        assert f'href="#{section}"' in text, "the contents name it"


def test_the_case_flow_counts_from_what_is_listed_to_the_parts(text: str) -> None:
    words = Page.of(text).words("data")
    for said in (
        "Case flow of <edra>",
        "2,002 photographs in the dataset's tables",
        "1,203 left out 1,200: no file with a < in it 3: no label",
        "799 photographs are split",
        "train 700 photographs in 210 groups: trained on 5 not in every stage: no class covers it",
        "validation 99 photographs",
        "test 0 photographs in 0 groups",
    ):
        assert said in words
    assert "0 groups: x" not in words


def test_names_are_text(text: str) -> None:
    assert BAD in Page.of(text).words("classes")
    assert "<b " not in text
    assert "Run &lt;x&gt;" in text
    tags = {tag for tag, _ in Page.of(text).elements}
    assert "i" not in tags
    assert not [about for _, about in Page.of(text).elements if any(name.startswith("on") for name in about)]


def test_nothing_is_fetched(text: str) -> None:
    page = Page.of(text)
    for tag, about in page.elements:
        for name in FETCHING & about.keys():
            assert (about[name] or "").startswith(("#", "data:")), (tag, name, about[name])
        assert tag not in {"iframe", "object", "embed", "base", "form"}
    assert not re.search(r"url\((?![\"']?(#|data:))", text)
    assert "@import" not in text
    policy = next(about["content"] for tag, about in page.elements if about.get("http-equiv") and tag == "meta")
    assert policy is not None
    assert set(policy.split("; ")) == {
        *("default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"),
        *("style-src 'unsafe-inline'", "script-src 'unsafe-inline'"),
    }


def test_ids_are_there_once_and_all_that_are_named(text: str) -> None:
    page = Page.of(text)
    ids = [about["id"] for _, about in page.elements if "id" in about]
    assert len(ids) == len(set(ids))
    for _, about in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((about.get(name) or "").split()) <= set(ids), about


def test_headings_do_not_skip_a_level_and_tables_name_rows_and_columns(text: str) -> None:
    page = Page.of(text)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert {about.get("scope") for tag, about in page.elements if tag == "th"} == {"row", "col"}
    tags = [tag for tag, _ in page.elements]
    assert tags.count("caption") == tags.count("table") > 10


def test_synthetic_photographs_are_called_so_above_all(text: str, judgement: Judgement, tmp_path: Path) -> None:
    assert text.index("SYNTHETIC") < text.index("test photographs")
    page_of(judgement, tmp_path / "real.html", ReportFacts())
    assert "SYNTHETIC" not in (tmp_path / "real.html").read_text(encoding="utf-8")


def test_photographs_are_there_only_where_they_are_given(text: str, judgement: Judgement, tmp_path: Path) -> None:
    assert "<img" not in text
    example = ExamplePhotograph("Most confident mistakes", "case 7: MEL taken for NEV", PIXEL)
    page = page_of(judgement, tmp_path / "shown.html", ReportFacts(), photographs=[example])
    images = [about for tag, about in page.elements if tag == "img"]
    assert [about["src"] for about in images] == [PIXEL]
    assert images[0]["alt"] == "case 7: MEL taken for NEV"
    assert "Most confident mistakes case 7: MEL taken for NEV" in page.words("photographs")


def test_the_page_of_a_stranger_s_table_says_what_is_not_known(tmp_path: Path) -> None:
    bare = small("AABB", "ABBB", "AB")
    page = page_of(judge(bare, {}, draws=20), tmp_path / "bare.html", ReportFacts(), bare)
    assert list(page.sections) == ["", "classes", "confusion-matrix", "overall", "limitations"]
    assert "Nothing is known here of how these predictions were made" in page.words("limitations")
    assert "The table has no probabilities" in page.words("")


def test_thresholds_are_only_said_to_be_chosen_where_they_were(text: str, tmp_path: Path) -> None:
    assert "chosen on the validation part" in Page.of(text).words("triage")
    page = page_of(judge(TEST, SEVERITIES, draws=20), tmp_path / "without.html", ReportFacts())
    assert "said malignant" in page.words("triage")
    assert "chosen on the validation part" not in page.words("triage") + page.words("limitations")
    assert "no threshold can be chosen" in page.words("")


def test_it_is_the_same_twice(text: str, judgement: Judgement, tmp_path: Path) -> None:
    for name in ("one", "other"):
        page_of(judgement, tmp_path / name, REPORT_FACTS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_hundred_thousand_cases_make_no_heavy_page(tmp_path: Path) -> None:
    many = random_table(0, 100_000, 13, decimals=6)
    judgement = judge(many, {}, random_table(1, 1000, 13), draws=0)
    page_of(judgement, tmp_path / "many.html", ReportFacts(), many)
    assert (tmp_path / "many.html").stat().st_size < 2_000_000


@pytest.mark.parametrize("face", [0, 1], ids=["light", "dark"])
def test_words_stand_out_from_their_ground(face: int) -> None:
    """WCAG 2.2, 1.4.3 asks 4.5 to 1 of text."""
    declared = re.findall(
        r":root \{ color-scheme.*?\}", Path(report.__file__).with_name("report.css").read_text(encoding="utf-8")
    )[face]
    colours = dict(re.findall(r"--(\w+): #([0-9a-f]+)", declared))

    for words, ground in [
        *((words, ground) for words in ("ink", "faint", "link", "warn") for ground in ("ground", "soft")),
        ("warn", "warm"),
    ]:
        assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)
