"""The answers of a run's test photographs: stored with the predictions without them, and read again."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.csv_cells import read_frame, write_frame
from derm_cli.data.answers import encode_cases, known_answers
from derm_cli.evaluation.answers_value import ANSWERS, BOTH, PHOTOGRAPH, value_of_answers
from derm_cli.evaluation.predictions import Predictions, read_predictions, write_predictions
from derm_cli.files import whole
from derm_cli.plugin import AnswerEncoding
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder

CASE = "case_id"


def record_answers(
    run: RunFolder,
    encoding: AnswerEncoding,
    cases: pd.DataFrame,
    predictions: tuple[Predictions, Predictions, Predictions],
) -> dict[str, Any]:
    """Write the answers of the test ``cases``, and the predictions without and by them alone; return their worth.

    ``predictions`` are with them, without them, and by them alone.  What is returned are the JSON values of
    :func:`derm_cli.evaluation.answers_value.value_of_answers`.
    """
    both, without, alone = predictions
    table = pd.DataFrame({CASE: cases[CASE].astype(str).tolist(), **known_answers(encoding, cases)}, dtype=object)
    with whole(run / layout.ANSWERS) as temporary:
        write_frame(table, temporary)
    write_predictions(without, run / layout.WITHOUT_ANSWERS)
    write_predictions(alone, run / layout.ANSWERS_ALONE)
    return value_of_answers({BOTH: both, PHOTOGRAPH: without, ANSWERS: alone})


def answers_of_run(run: RunFolder, encoding: AnswerEncoding, case_ids: list[str]) -> npt.NDArray[np.float32]:
    """Return the answers of some of a run's test photographs, encoded, float32 (n, k).

    Raises DermError where the file was changed.
    """
    table = read_frame(run.sealed(layout.ANSWERS)).set_index(CASE).loc[case_ids].reset_index(drop=True)
    for each in encoding.fields:
        name = each.field.name
        if name in table:
            parsed = [None if pd.isna(text) else each.field.parse(str(text)) for text in table[name]]
            table[name] = pd.Series(parsed, dtype=object)
    return encode_cases(encoding, table)


def predictions_without_answers(run: RunFolder) -> Predictions | None:
    """Return a run's test predictions by the photographs alone; None for a run whose model takes no answers.

    Raises DermError where the file was changed.
    """
    if not run.has_sealed(layout.WITHOUT_ANSWERS):
        return None
    return read_predictions(run.sealed(layout.WITHOUT_ANSWERS), tuple(each.name for each in run.plan.classes))
