"""The report of a study: its tables, its page and its files."""

from __future__ import annotations

import csv
import html
import re
from dataclasses import replace
from statistics import stdev

import pytest

from derm_cli.evaluation.predictions import read_predictions
from derm_cli.evaluation.reporting.tables.table import Number
from derm_cli.runs.record import ArtefactRecord
from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.reporting import study_report
from derm_cli.studies.reporting.study_report import report_study
from tests.support import chromium
from tests.support.studies import keep_latency, made_session, made_study

CASES = [f"{number}" for number in range(40)]
LABELS = {case: "MEL" if int(case) % 2 else "NEV" for case in CASES}
ROWS = (StudyRow("a: <b>plain</b>", {}, {"accuracy": 0.4271}), StudyRow("b", {}))


def answers(wrong: int):
    return {case: (label, 0.8 if (label == "MEL") == (int(case) >= wrong) else 0.2) for case, label in LABELS.items()}


@pytest.fixture
def session(tmp_path):
    return made_session(tmp_path)


def report(session, seeds=(0,), rows=ROWS, given=None, **options):
    given = given or {
        (row.name, seed, 0): answers(10 + 4 * seed - 10 * number) for number, row in enumerate(rows) for seed in seeds
    }
    return report_study(session, made_study(session, rows, given, seeds=seeds, **options))


def table_of(found, name):
    return next(table for table in found.tables if table.name == name)


def test_the_rows_stand_in_the_paper_s_form_with_its_own_figures_beside(session):
    table = table_of(report(session), "paper")
    assert table.header[:3] == ("row", "accuracy %", "published %")
    assert [cell.text(cell.value) if cell.value is not None else "–" for cell in table.rows[0][1:3]] == [
        "75.00",
        "42.71",
    ]
    assert table.rows[1][2].value is None


def test_of_several_trainings_mean_and_spread_stand_there(session):
    found = report(session, seeds=(0, 1))
    table = table_of(found, "paper")
    assert table.header[:4] == ("row", "accuracy %", "± sd", "published %")
    assert table.rows[0][1].value == pytest.approx((0.75 + 0.65) / 2)
    assert table.rows[0][2].value == pytest.approx(0.0707, abs=1e-4)
    spread = table_of(found, "spread")
    assert spread.rows[0][:2] == ("a: <b>plain</b>", "accuracy %")
    assert [spread.rows[0][position].value for position in (4, 5)] == [pytest.approx(0.65), pytest.approx(0.75)]
    assert spread.rows[0][6] == 2
    assert spread.header[3] == "sd between seeds"
    assert table.title.endswith(": the mean of the trainings of each row, and the standard deviation between seeds")


def test_what_differs_between_seeds_and_between_folds_stands_apart(session):
    given = {
        (row.name, seed, fold): {case: each for case, each in answers(wrong).items() if int(case) % 4 // 2 == fold - 1}
        for row in ROWS
        for (seed, fold), wrong in {(0, 1): 8, (0, 2): 0, (1, 1): 16, (1, 2): 8}.items()
    }
    found = report(session, seeds=(0, 1), given=given, folds=2)
    # Accuracies 0.8, 1, 0.6 and 0.8.
    spread = table_of(found, "spread")
    assert spread.header == (
        "row",
        "metric",
        "mean",
        "sd between seeds",
        "sd between folds",
        "lowest",
        "highest",
        "trainings",
    )
    of_accuracy = [cell.value for cell in spread.rows[0][2:7]]
    assert of_accuracy == pytest.approx([0.8, stdev([0.9, 0.7]), stdev([0.7, 0.9]), 0.6, 1.0])
    paper = table_of(found, "paper")
    assert paper.header[1:4] == ("accuracy %", "± sd, seeds", "± sd, folds")
    assert [cell.value for cell in paper.rows[0][1:4]] == pytest.approx(of_accuracy[:3])
    for title in (paper.title, spread.title):
        assert "between seeds (each the mean of its folds) and between folds (each the mean over the seeds)" in title
    for name in ("tables.csv", "tables.tex", "tables.md"):
        text = (found.path.parent / name).read_text()
        assert "sd between seeds" in text, name
        assert "sd between folds" in text, name


def test_rows_are_paired_with_the_reference_and_each_class_has_its_change(session):
    found = report(session)
    assert list(found.comparisons) == ["b"]
    header = table_of(found, "differences").header
    assert header[0] == "row"
    assert header[-3:-1] == ("right: the reference alone", "right: the row alone")
    difference = table_of(found, "differences").rows[0][1]
    assert difference.value == pytest.approx(0.25)
    assert difference.interval.low < 0.25 < difference.interval.high
    changes = table_of(found, "changes")
    assert changes.header == ("row", "MEL", "NEV")
    assert all(isinstance(cell, Number) and cell.value > 0 and cell.interval for cell in changes.rows[0][1:])
    assert found.to_json()["differences"]["b"]["holm"] == pytest.approx(found.comparisons["b"].p_value)


def test_of_many_rows_a_class_s_change_has_no_interval(session, monkeypatch):
    monkeypatch.setattr(study_report, "MOST_WITH_CLASS_INTERVALS", 0)
    found = report(session)
    assert all(cell.value > 0 and cell.interval is None for cell in table_of(found, "changes").rows[0][1:])
    assert table_of(found, "differences").rows[0][1].interval


def test_rows_that_were_tested_on_other_photographs_are_shown_and_not_compared(session):
    rows = (*ROWS, StudyRow("elsewhere", {}))
    given = {(row.name, 0, 0): answers(5) for row in ROWS} | {
        ("elsewhere", 0, 0): {"x": ("MEL", 0.9), "y": ("NEV", 0.9)}
    }
    found = report(session, rows=rows, given=given)
    assert list(found.comparisons) == ["b"]
    assert [row[0] for row in table_of(found, "answers").rows] == ["a: <b>plain</b>", "b", "elsewhere"]
    assert "1 rows were tested on other photographs or classes than" in " ".join(found.decisions)


def test_what_it_took_is_told_and_size_where_there_is_an_export(session):
    artefact = ArtefactRecord("tflite", "m.tflite", 4_500_000, 3, 0.0, 1.0)
    found = report(session, artefacts={"tflite": artefact})
    row = table_of(found, "cost").rows[0]
    assert row[1] == "1 of 1"
    assert [row[position].value for position in (2, 3, 7)] == [2.0, 5.0, 4.5]
    assert row[8] == "made cores"
    page = found.path.read_text()
    assert "Macro F1 against the smallest export in MB" in page
    worth = table_of(found, "worth")
    assert worth.header[:4] == ("row", "macro F1 %", "the smallest export in MB", "on the front by size")
    assert {line[0]: line[3] for line in worth.rows} == {ROWS[0].name: "no", "b": "yes"}
    assert "is beaten by no row" in " ".join(found.decisions)
    assert found.to_json()["worth"]["size"]["front"] == ["b"]


def test_worth_against_latency_is_a_picture_with_its_circumstances(session):
    file = "artefacts/model.onnx"
    folder = made_study(
        session,
        ROWS,
        {(row.name, 0, 0): answers(10 - 8 * number) for number, row in enumerate(ROWS)},
        artefacts={"onnx": ArtefactRecord("onnx", file, 4_500_000, 3, 0.0, 1.0)},
    )
    for seconds, run in enumerate(session.runs.all(), start=1):
        keep_latency(run, file, {"median": seconds / 100, "low": seconds / 110, "high": seconds / 90})
    found = report_study(session, folder)
    page = found.path.read_text()
    assert "Macro F1 against latency in ms" in page
    assert "Measured under: onnx in onnxruntime, 1 thread, a machine" in page
    worth = table_of(found, "worth")
    start = worth.header.index("latency in ms")
    assert worth.header[start : start + 3] == ("latency in ms", "from", "to")
    assert [round(cell.value, 1) for cell in worth.rows[0][start : start + 3]] == [10.0, 9.1, 11.1]


def test_only_a_cell_of_many_words_has_more_room(session):
    """Else a table of short words is wider than the page."""
    rows = (StudyRow("a row whose name is longer than two dozen letters", {}), StudyRow("b", {}))
    artefact = ArtefactRecord("tflite", "m.tflite", 4_500_000, 3, 0.0, 1.0)
    given = {(row.name, 0, 0): answers(10 + number) for number, row in enumerate(rows)}
    page = report(session, rows=rows, given=given, artefacts={"tflite": artefact}).path.read_text()
    assert '<td data-key="1 of 1"><bdi>1 of 1</bdi>' in page
    assert f'<td class="phrase" data-key="{rows[0].name}"><bdi>{rows[0].name}</bdi>' in page
    assert "td.phrase { min-width" in page


@pytest.mark.xdist_group("chromium")
def test_the_page_fits_a_desk_a_phone_and_paper(session, tmp_path):
    file, names = "artefacts/model.onnx", [f"chain imagenet,ham10000; recipe frozen-block {n}" for n in range(4)]
    rows = tuple(StudyRow(name, {}, {"accuracy": 0.4}) for name in names)
    folder = made_study(
        session,
        rows,
        {(row.name, seed, 0): answers(10 - 2 * number + seed) for number, row in enumerate(rows) for seed in (0, 1)},
        seeds=(0, 1),
        artefacts={"onnx": ArtefactRecord("onnx", file, 4_500_000, 3, 0.0, 1.0)},
    )
    for number, run in enumerate(session.runs.all(), start=1):
        keep_latency(run, file, {"median": number / 100, "low": number / 110, "high": number / 90})
    page = report_study(session, folder).path
    paper = int((210 - 2 * 13) / 25.4 * 96)
    edges = "[...document.querySelectorAll('table, svg')].map(each => each.getBoundingClientRect().right)"
    cut = (
        "[...document.querySelectorAll('svg text')].filter(each => { const own = each.getBoundingClientRect(), "
        "whole = each.closest('svg').getBoundingClientRect(); return own.left < whole.left - 1 || "
        "own.right > whole.right + 1; }).map(each => each.textContent)"
    )
    with chromium.browser(tmp_path / "profile") as browser:
        for width in (1200, 390):
            browser.open(page, width=width)
            assert browser.value("document.documentElement.scrollWidth") == width
            assert browser.value(cut) == []
        browser.open(page, width=paper, media="print")
        assert max(browser.value(edges)) <= paper + 1


def test_trainings_that_did_not_finish_are_rows_with_their_reason(session):
    given = {(ROWS[1].name, 0, 0): answers(3)}
    found = report(session, given=given)
    assert table_of(found, "unfinished").rows == (("0001", ROWS[0].name, 0, "", "failed", "no more memory."),)
    assert table_of(found, "paper").rows[0][1].value is None
    assert [table.name for table in found.tables] == ["paper", "answers", "cost", "unfinished"]


def test_rows_that_cannot_be_judged_have_their_reason_and_the_page_says_what_stands_in(session):
    rows = (*ROWS, StudyRow("c", {}), StudyRow("d", {}))
    folder = made_study(session, rows, {(row.name, 0, 0): answers(5) for row in rows})
    (session.runs.root / "made-0001" / "run.json").write_text("{")
    run = session.runs.find("made-0004")
    run.write(replace(run.record, data={"clinic": "f" * 64}))
    found = report_study(session, folder)
    assert list(found.comparisons) == ["c"]
    lines = table_of(found, "unfinished").rows
    assert [line[:2] for line in lines] == [("0001", ROWS[0].name), ("", "d")]
    assert "run.json' cannot be read" in lines[0][5]
    assert lines[1][5].startswith("trained on other data than the reference 'b': dataset 'clinic'")
    page = found.path.read_text()
    lead = "Rows are held against 'b' in place of the reference 'a: <b>plain</b>', which has no figures."
    assert lead in html.unescape(page)
    assert "2 of 4 rows have no figures" in " ".join(found.decisions)


def test_a_study_of_which_nothing_finished_has_a_report(session):
    found = report(session, given={("none", 0, 0): None})
    assert "Fewer than two rows" in " ".join(found.decisions)
    assert "held against" not in found.path.read_text().partition("<main")[0]


@pytest.mark.parametrize("folds", [0, 2])
def test_by_folds_the_best_row_is_told_to_be_chosen_by_the_same_answers(session, folds):
    given = {
        (row.name, 0, fold): {
            case: each for case, each in answers(10 - 8 * number).items() if not folds or int(case) // 2 % 2 == fold - 1
        }
        for number, row in enumerate(ROWS)
        for fold in range(1, folds + 1) or (0,)
    }
    found = report_study(session, made_study(session, ROWS, given, folds=folds))
    told = [each for each in found.decisions if "so too high by what chance gave it" in each]
    if not folds:
        assert (told, found.best, found.to_json()["best"]) == ([], None, None)
        return
    assert told[0].startswith(
        "By macro F1, 'b' has the most. With 95.00 % it is the best of 2 rows by these same answers"
    )
    assert told[0] in found.path.read_text().replace("&#39;", "'")
    assert found.to_json()["best"]["best_of"] == 2


def test_the_page_needs_no_other_file_and_names_are_text(session):
    found = report(session, seeds=(0, 1))
    page = found.path.read_text()
    assert "<b>plain</b>" not in page
    assert "a: &lt;b&gt;plain&lt;/b&gt;" in page
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    for heading in ("The rows", "Paired differences", "Changes by class", "Spread", "Cost"):
        assert f">{heading}</h2>" in page
    assert "What the data decide, and what they cannot" in page
    assert page.count("<svg") >= 1
    assert "SYNTHETIC" not in page


def test_synthetic_photographs_stand_above_all(session):
    assert "synthetic" in report(session, synthetic=True).path.read_text().lower().partition("<main")[0]


def test_tables_are_written_for_programs_and_papers(session):
    folder = report(session).path.parent
    with (folder / "tables.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["sheet"] for line in lines} == {"paper", "answers", "differences", "changes", "cost"}
    assert (folder / "tables.tex").read_text().count(r"\begin{tabular}") == 5
    assert (folder / "tables.md").read_text().count("\n| --- | ---") == 5
    table = read_predictions(folder / "answers" / "0002.csv")
    assert table.case_ids == tuple(CASES)
    with (folder / "answers" / "rows.csv").open(newline="") as file:
        assert [list(row.values()) for row in csv.DictReader(file)] == [["0001", ROWS[0].name], ["0002", "b"]]


def test_a_report_is_the_same_each_time(session):
    folder = made_study(session, ROWS, {(row.name, 0, 0): answers(7 * number) for number, row in enumerate(ROWS)})
    first = report_study(session, folder).path.read_bytes()
    assert report_study(session, folder).path.read_bytes() == first
