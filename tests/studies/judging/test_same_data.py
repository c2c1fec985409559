"""Whether the trainings of a study are of the same data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derm_cli.studies.asking.spec import StudyRow
from derm_cli.studies.judging.answers import study_answers
from tests.support.studies import made_session, made_study

ROWS = (StudyRow("a", {}), StudyRow("b", {}))
ANSWERS = {"e": ("MEL", 0.9), "f": ("NEV", 0.4)}
CLINIC, OTHER = {"clinic": "0" * 64}, {"clinic": "f" * 64}


@pytest.fixture
def session(tmp_path):
    return made_session(tmp_path)


def faults(session, data, *, seeds=(0,), requests=({}, {}), answers=None):
    """Return the faults of two rows whose runs, in order, were trained on ``data`` by such requests."""
    given = answers or {(row.name, seed, 0): ANSWERS for row in ROWS for seed in seeds}
    folder = made_study(session, ROWS, given, seeds=seeds)
    for run, hashes, asked in zip(session.runs.all(), data, [each for each in requests for _ in seeds], strict=True):
        run.write(replace(run.record, data=hashes, request=run.record.request | asked))
    return [row.fault for row in study_answers(session, folder).rows]


def test_a_row_that_was_trained_on_other_data_is_at_fault_with_what_to_do(session):
    assert faults(session, (CLINIC, OTHER)) == [
        "",
        "trained on other data than the reference 'a': dataset 'clinic' was another for run made-0002 than for "
        "made-0001; remove the older of made-0001 and made-0002 with 'derm runs remove', and 'derm study resume made' "
        "trains it on what is there now",
    ]


def test_trainings_of_one_row_on_other_data_are_its_fault(session):
    own, other = faults(session, (CLINIC, CLINIC, CLINIC, OTHER), seeds=(0, 1))
    assert own == ""
    assert other.startswith("its trainings are not of the same data: dataset 'clinic' was another for run made-0004")


@pytest.mark.parametrize(
    ("data", "requests"),
    [
        ((CLINIC, CLINIC | {"edra": "1" * 64}), ({}, {})),
        ((CLINIC, {}), ({}, {})),
        ((CLINIC, OTHER), ({}, {"metadata": "age,site"})),
        ((CLINIC, OTHER), ({}, {"crop": "lesion"})),
        ((CLINIC, OTHER), ({}, {"features": "vectors.parquet"})),
        ((CLINIC, OTHER), ({}, {"leave_out": ["clinic:MISC"]})),
    ],
    ids=["one more before it", "an older record", "questions", "masks", "vectors", "classes"],
)
def test_datasets_that_one_alone_has_or_that_are_read_in_another_way_are_not_compared(session, data, requests):
    assert faults(session, data, requests=requests) == ["", ""]


@pytest.mark.parametrize("beside", [{"metadata": "age"}, {"leave_out": ["clinic:MISC"]}])
def test_what_is_read_of_the_target_alone_does_not_hide_a_change_of_what_comes_before(session, beside):
    data = (CLINIC | {"edra": "1" * 64}, CLINIC | {"edra": "2" * 64})
    chain = {"chain": ["edra", "clinic"]}
    fault = faults(session, data, requests=(chain, chain | beside))[1]
    assert "dataset 'edra' was another for run made-0002" in fault


def test_a_label_that_differs_is_the_row_s_fault(session):
    answers = {("a", 0, 0): ANSWERS, ("b", 0, 0): ANSWERS | {"f": ("MEL", 0.4)}}
    fault = faults(session, (CLINIC, CLINIC), answers=answers)[1]
    assert "than the reference 'a': case 'f' is 'MEL' for run made-0002, but 'NEV' for made-0001; remove" in fault


def test_a_label_that_differs_between_seeds_is_the_row_s_fault(session):
    answers = {(row.name, seed, 0): ANSWERS for row in ROWS for seed in (0, 1)}
    answers["b", 1, 0] = ANSWERS | {"f": ("MEL", 0.4)}
    own, other = faults(session, (CLINIC,) * 4, seeds=(0, 1), answers=answers)
    assert own == ""
    assert other.startswith("its trainings are not of the same data: case 'f' is 'MEL' for run made-0004, but 'NEV'")
