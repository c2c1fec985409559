"""The mean answers of rows beside a report."""

from __future__ import annotations

import numpy as np

from derm_cli.csv_cells import read_rows
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.studies.reporting.answers_folder import write_answers


def table(case):
    return Predictions(("MEL", "NEV"), (case,), np.array(["MEL"]), np.array(["NEV"]), None)


def rows_in(folder):
    with (folder / "rows.csv").open(newline="") as file:
        return read_rows(file)


def test_each_number_has_its_row_and_what_was_there_before_goes(tmp_path):
    write_answers({name: table(name) for name in ("a", "=b", "c\r d")}, tmp_path)
    assert rows_in(tmp_path) == [
        {"number": "0001", "row": "a"},
        {"number": "0002", "row": "=b"},
        {"number": "0003", "row": "c\r d"},
    ]
    (tmp_path / "mine.txt").write_text("kept")
    write_answers({"c\r d": table("c")}, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0001.csv", "mine.txt", "rows.csv"]
    assert rows_in(tmp_path) == [{"number": "0001", "row": "c\r d"}]
    assert read_predictions(tmp_path / "0001.csv").case_ids == ("c",)
