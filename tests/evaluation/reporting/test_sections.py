"""Which tables and pictures stand together on a page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.metrics.classification import evaluate
from derm_cli.evaluation.reporting import sections
from derm_cli.evaluation.reporting.sections import TITLES, mistakes_sheets, sections_of
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import Number, Table
from tests.support.pages import BACKGROUND, SEVERITIES, table
from tests.support.synthetic_tables import random_table, small

TEST = table(0)


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    return judge(TEST, SEVERITIES, table(1, 200), draws=20)


def names(judgement: Judgement) -> dict[str, list[str]]:
    found = sections_of(judgement, TEST, BACKGROUND.sheets, BACKGROUND.history)
    return {each.id: [*(one.name for one in each.pictures), *(one.name for one in each.sheets)] for each in found}


def test_everything_stands_in_its_section(judgement: Judgement) -> None:
    assert names(judgement) == {
        "classes": ["classes"],
        "mistakes": ["confusion", "mistakes"],
        "ranking": ["roc", "pr"],
        "overall": ["overall"],
        "triage": ["severities", "triage", "thresholds1", "thresholds2", "referral"],
        "calibration": ["reliability", "calibration"],
        "unsure": ["abstention", "conformal", "abstention"],
        "slices": ["slices"],
        "data": ["parts"],
        "training": ["history", "phases"],
    }
    assert list(names(judgement)) == list(TITLES)


def test_a_sheet_that_is_not_known_follows_the_one_before_it(
    judgement: Judgement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more(found: Judgement) -> Iterator[Table]:
        for sheet in judgement_tables(found):
            yield sheet
            if sheet.name in {"thresholds1", "slices"}:
                yield Table(f"after-{sheet.name}", "Another", ("a", "b"), (("x", 1),))

    monkeypatch.setattr(sections, "judgement_tables", more)
    found = names(judgement)
    assert found["triage"] == ["severities", "triage", "thresholds1", "after-thresholds1", "thresholds2", "referral"]
    assert found["slices"] == ["slices", "after-slices"]


def test_the_most_frequent_mistakes_stand_first() -> None:
    evaluation = evaluate(random_table(0, 400, 6), draws=0)
    (sheet,) = mistakes_sheets(evaluation)
    assert len(sheet.rows) == 12
    places = {name: place for place, name in enumerate(evaluation.classes)}
    wrong = evaluation.counts.copy()
    np.fill_diagonal(wrong, 0)
    assert [row[2] for row in sheet.rows] == sorted(wrong.ravel().tolist(), reverse=True)[:12]
    for truth, said, count, share in sheet.rows:
        assert count == wrong[places[str(truth)], places[str(said)]]
        assert isinstance(share, Number)
        assert share.value == pytest.approx(count / evaluation.counts[places[str(truth)]].sum())


def test_without_a_mistake_there_is_no_table_of_them() -> None:
    assert list(mistakes_sheets(evaluate(small("AB", "AB", "AB"), draws=0))) == []


def test_intervals_are_told_as_they_were_made() -> None:
    def words(judged: Judgement) -> str:
        return sections_of(judged, TEST, (), ())[0].words

    assert "Without intervals" in words(judge(TEST, SEVERITIES, draws=0))
    assert "each photograph is taken for a case of its own" in words(judge(TEST, SEVERITIES, draws=20))
    grouped = random_table(0, 90, 3, per_patient=3)
    assert "whole patients, of whom there are 30" in sections_of(judge(grouped, {}, draws=20), grouped, (), ())[0].words
