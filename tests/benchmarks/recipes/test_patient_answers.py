"""Answers become numbers, and whether somebody asked becomes nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.recipes.patient_answers import QUESTIONS, encoded, read_answers
from derm_cli.errors import DermError


def test_answers_are_encoded_by_the_training_part_and_unknown_ones_are_zero():
    answers = pd.DataFrame(
        {
            "age": ["40", "60", "", "100"],
            "region": ["ARM", "FACE", "", "NOSE"],
            **{name: ["True", "False", "UNK", "True"] for name in QUESTIONS["pad-ufes-20"].yes_no},
        }
    )
    known = np.array([True, True, True, False])
    numbers = encoded(answers, "pad-ufes-20", known)
    # Of the training part age has the mean 50 and the deviation 10; the nose is no region of it.
    assert numbers.tolist() == [
        [-1, 1, 0, *[1] * 6],
        [1, 0, 1, *[-1] * 6],
        [0, 0, 0, *[0] * 6],
        [5, 0, 0, *[1] * 6],
    ]


def test_what_tells_how_the_label_came_about_is_no_question():
    questions = QUESTIONS["pad-ufes-20"]
    assert not {"gender", "fitspatrick", "biopsed"} & {*questions.numbers, *questions.choices, *questions.yes_no}


def test_answers_stand_in_the_order_of_the_cases(tmp_path):
    pd.DataFrame(
        {"image_id": ["a", "b"], "age": ["1", "2"], "localization": ["x", "y"], "sex": ["m", "f"], "dx": ["nv", "mel"]}
    ).to_csv(tmp_path / "HAM10000_metadata.csv", index=False)
    answers = read_answers(tmp_path, "ham10000", ["b", "a"])
    assert answers["age"].tolist() == ["2", "1"]
    assert list(answers) == ["age", "localization", "sex"]
    with pytest.raises(DermError, match="has no case 'c'"):
        read_answers(tmp_path, "ham10000", ["c"])
    with pytest.raises(DermError, match="dataset 'ddi' are not known"):
        read_answers(tmp_path, "ddi", [])
