"""Which tables and pictures stand together on a page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from derm_cli.evaluation.judging import Judgement, judge
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.reporting import sections
from derm_cli.evaluation.reporting.sections import HEADINGS, mistakes_table, report_sections
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import Number, Table
from tests.support.pages import REPORT_FACTS, SEVERITIES, awkward_predictions
from tests.support.synthetic_tables import made_baselines, random_table, small

TEST = awkward_predictions(0)
ABSENT = ("repeated-photographs", "plugin-metrics")


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    return judge(TEST, SEVERITIES, awkward_predictions(1, 200), draws=20, baselines=made_baselines(TEST))


def names(judgement: Judgement) -> dict[str, list[str]]:
    sections = report_sections(judgement, TEST, REPORT_FACTS.tables, REPORT_FACTS.history)
    return {each.heading.id: [shown.name for shown in (*each.plots, *each.tables)] for each in sections}


def test_everything_stands_in_its_section(judgement: Judgement) -> None:
    assert names(judgement) == {
        "classes": ["classes"],
        "confusion-matrix": ["confusion", "mistakes"],
        "curves": ["roc", "pr", "partial_auc"],
        "overall": ["overall"],
        "baselines": ["baselines", "baseline_differences"],
        "answers": ["answers"],
        "triage": ["severities", "triage", "thresholds1", "thresholds2", "referral", "promises"],
        "usefulness": ["decision-curve", "decision_curve"],
        "calibration": ["reliability", "calibration", "calibration_slope"],
        "prediction-sets": ["conformal", "conformal_by_class"],
        "selective-prediction": ["abstention", "abstention"],
        "subgroups": ["slices"],
        "data": ["parts"],
        "training-history": ["history", "phases"],
    }
    # No patient of this table has several photographs, and no plugin has a metric.
    assert list(names(judgement)) == [each.id for each in HEADINGS if each.id not in ABSENT]


def test_a_sheet_that_is_not_known_follows_the_one_before_it(
    judgement: Judgement, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more(judgement: Judgement) -> Iterator[Table]:
        for table in judgement_tables(judgement):
            yield table
            if table.name in {"thresholds1", "slices"}:
                yield Table(f"after-{table.name}", "Another", ("a", "b"), (("x", 1),))

    monkeypatch.setattr(sections, "judgement_tables", more)
    tables_by_section = names(judgement)
    assert tables_by_section["triage"] == [
        "severities",
        "triage",
        "thresholds1",
        "after-thresholds1",
        "thresholds2",
        "referral",
        "promises",
    ]
    assert tables_by_section["subgroups"] == ["slices", "after-slices"]


def test_the_section_of_baselines_says_whether_the_model_is_better(judgement: Judgement) -> None:
    sections = {each.heading.id: each for each in report_sections(judgement, TEST, (), ())}
    reading = sections["baselines"].heading.reading
    assert "Better than the most frequent class by " in reading
    assert "Not compared with the answers alone: nobody was asked." in reading
    without = report_sections(judge(TEST, SEVERITIES, draws=20), TEST, (), ())
    assert "baselines" not in [each.heading.id for each in without]


def test_the_most_frequent_mistakes_stand_first() -> None:
    evaluation = evaluation_of(random_table(0, 400, 6), draws=0)
    table = mistakes_table(evaluation)
    assert table is not None
    assert len(table.rows) == 12
    indices = {name: index for index, name in enumerate(evaluation.classes)}
    wrong = evaluation.counts.copy()
    np.fill_diagonal(wrong, 0)
    assert [row[2] for row in table.rows] == sorted(wrong.ravel().tolist(), reverse=True)[:12]
    for truth, predicted, count, share in table.rows:
        assert count == wrong[indices[str(truth)], indices[str(predicted)]]
        assert isinstance(share, Number)
        assert share.value == pytest.approx(count / evaluation.counts[indices[str(truth)]].sum())


def test_without_a_mistake_there_is_no_table_of_them() -> None:
    assert mistakes_table(evaluation_of(small("AB", "AB", "AB"), draws=0)) is None


def test_intervals_are_told_as_they_were_made() -> None:
    def words(judged: Judgement) -> str:
        return report_sections(judged, TEST, (), ())[0].heading.reading

    assert "Without intervals" in words(judge(TEST, SEVERITIES, draws=0))
    assert "each photograph is taken for a case of its own" in words(judge(TEST, SEVERITIES, draws=20))
    grouped = random_table(0, 90, 3, per_patient=3)
    assert (
        "photographs of the same of the 30 patients count as no more cases than they are worth"
        in report_sections(judge(grouped, {}, draws=20), grouped, (), ())[0].heading.reading
    )
