"""The answers of test photographs are stored as records have them, and read again as the model takes them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.answers import encode_cases
from derm_cli.errors import DermError
from derm_cli.evaluation.predictions import read_predictions
from derm_cli.plugin import COMMON_FIELDS, AnswerEncoding, EncodedField
from derm_cli.runs import layout
from derm_cli.workflows.evaluating.answers import answers_of_run, predictions_without_answers, record_answers

ENCODING = AnswerEncoding(
    (
        EncodedField(field=COMMON_FIELDS["age"], mean=50.0, deviation=20.0),
        EncodedField(field=COMMON_FIELDS["bleed"], shares=(0.25,)),
        EncodedField(field=COMMON_FIELDS["site"], choices=("=1+1", "torso"), shares=(0.5, 0.5)),
    )
)
CASES = pd.DataFrame(
    {"case_id": ["c", "d"], "age": [70.25, np.nan], "bleed": [None, "no"], "site": ["=1+1", None], "shoe": [44, 45]}
)


@pytest.fixture
def run(pair):
    """A run whose model takes answers."""
    run = pair[0]
    table = read_predictions(run / layout.PREDICTIONS)
    worth = record_answers(run, ENCODING, CASES, (table, table, table))
    assert list(worth["figures"]) == ["photograph and answers", "photograph alone", "answers alone"]
    run.seal(layout.ANSWERS, layout.WITHOUT_ANSWERS, layout.ANSWERS_ALONE)
    return run


def test_what_is_stored_is_what_was_known_and_a_spreadsheet_runs_nothing(run):
    assert (run / layout.ANSWERS).read_text().splitlines() == ["case_id,age,bleed,site", "c,70.25,,'=1+1", "d,,no,"]


@pytest.mark.parametrize("cases", [["c", "d"], ["d", "c"], ["d"]])
def test_the_vectors_are_those_of_the_cases_in_their_order(run, cases):
    expected = encode_cases(ENCODING, CASES.set_index("case_id").loc[cases])
    found = answers_of_run(run, ENCODING, cases)
    assert found.dtype == np.float32
    assert np.array_equal(found, expected)


def test_predictions_without_answers_are_there_where_the_model_takes_any(run, pair):
    assert predictions_without_answers(run).case_ids == ("c", "d")
    assert predictions_without_answers(pair[1]) is None


def test_a_table_that_was_changed_is_refused(run):
    (run / layout.ANSWERS).write_text((run / layout.ANSWERS).read_text().replace("70.25", "7"))
    with pytest.raises(DermError, match=r"answers\.csv"):
        answers_of_run(run, ENCODING, ["c"])
