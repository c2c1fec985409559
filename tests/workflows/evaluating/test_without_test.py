"""What a run that kept nobody for a test writes, and what stands in the place of figures of its own."""

from __future__ import annotations

import json

import pytest

from derm_cli.errors import DermError
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.runs import layout
from derm_cli.runs.record import SplitCounts
from derm_cli.workflows.evaluating.no_test import nobody_kept, require_test_part, what_instead
from derm_cli.workflows.evaluating.report_facts import report_facts
from derm_cli.workflows.evaluating.run_evaluation import predictions_of_run, validation_predictions
from derm_cli.workflows.evaluating.without_test import record_without_test, substitute_for_test, title_without_test
from tests.support.member_runs import WITHOUT_TEST, fold, make_member


@pytest.fixture
def last(tmp_path):
    return make_member(tmp_path, "9", WITHOUT_TEST, tested="", validated="f")


@pytest.fixture
def folds(tmp_path):
    return [make_member(tmp_path, f"{n}", fold(n, 2), tested=cases) for n, cases in ((1, "abc"), (2, "def"))]


def test_without_a_cross_validation_it_says_what_can_be_done(last):
    values = record_without_test(last, validation_predictions(last), synthetic=False, temperature={"value": 1.0})
    assert values == json.loads((last / layout.EVALUATION).read_text())
    assert values["cases"] == 0
    assert {values[name] for name in OVERALL_METRICS} == {None}
    assert (values["per_class"], values["cross_validation"], values["temperature"]) == ({}, None, {"value": 1.0})
    first, second = values["notes"]
    assert first.startswith("Nobody was kept for a test: this model learnt from every photograph of 'clinic'")
    assert "'derm evaluate RUN --data NAME' on other photographs, or a cross-validation of the same plan" in second
    page = (last / layout.REPORT).read_text()
    for sentence in ("No test photographs: nobody was kept for a test.", "Run 9: nobody of clinic was kept for a test"):
        assert sentence in page
    assert "cross-validation of the same plan, which is the command of this run with --folds 5" in page
    assert (last / layout.VALIDATION).exists()
    assert not (last / layout.PREDICTIONS).exists()
    assert not (last / layout.CONFUSION).exists()


def test_the_figures_of_a_cross_validation_stand_beside_as_those_of_other_models(last, folds):
    values = record_without_test(last, None, synthetic=False)
    beside = values["cross_validation"]
    assert values["accuracy"] is None, "it is not the accuracy of this model"
    assert (beside["folds"], beside["runs"]) == (2, ["1", "2"])
    assert beside["evaluation"]["accuracy"] == 1.0
    assert "the figures of 2 other models of the same plan, by cross-validation" in beside["note"]
    page = (last / layout.REPORT).read_text()
    assert "cross-validation of other models of its plan on clinic" in page
    assert "In its place stand the figures of 2 other models of the same plan" in page
    assert "Nobody was kept for a test" in page


def test_of_an_ensemble_of_folds_they_are_its_members(tmp_path, folds):
    run = make_member(tmp_path, "8", WITHOUT_TEST, tested="", members=("1", "2"))
    found = substitute_for_test(run)
    assert found.is_of_members
    assert "the figures of its 2 members, by cross-validation" in found.sentence
    assert "not by the mean of all" in found.sentence
    assert title_without_test(run, found) == (
        "Run 8, without a test of its own: cross-validation of its members on clinic"
    )
    assert "the members of this ensemble, between them, learnt from every photograph of 'clinic'" in nobody_kept(run)
    assert "--test-share" not in what_instead(run)
    assert [table.name for table in report_facts(run).tables] == ["parts", "members"]
    assert report_facts(run).details["Run"]["made again by"] == "derm runs ensemble 1 2"


def test_a_validation_part_is_told(tmp_path):
    counts = {"clinic": SplitCounts("own", 5, 1, 0)}
    run = make_member(tmp_path, "9", WITHOUT_TEST, tested="", validated="f", splits=counts)
    assert "every photograph of 'clinic' but for a validation part, so no figure" in nobody_kept(run)


def test_who_asks_for_its_answers_is_refused_and_told_what_to_do(last, folds):
    for ask in (require_test_part, predictions_of_run):
        with pytest.raises(DermError, match=r"Run '9' kept nobody for a test, so .*'derm evaluate 9 --data NAME'"):
            ask(last)
    require_test_part(folds[0])
    assert validation_predictions(last).case_ids == ("f",)
    assert validation_predictions(folds[0]) is None


def test_the_page_of_a_later_evaluation_says_it_among_the_limitations(last, folds):
    assert nobody_kept(last) in report_facts(last).limitations
    assert not any("Nobody was kept" in each for each in report_facts(folds[0]).limitations)
