"""What patients say, as numbers for a regression: from the tables of the publishers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from derm_cli.errors import DermError
from derm_cli.evaluation.array_types import Flags, Floats

if TYPE_CHECKING:
    import pandas as pd

YES_NO = {"true": 1.0, "yes": 1.0, "false": -1.0, "no": -1.0}
"""A question with two answers as a number; 0 where nobody knows."""


@dataclass(frozen=True)
class QuestionTable:
    """Where a dataset's answers are: its table, the column that names the photograph, and the columns by kind.

    Left out is what tells how the label came about: whether a biopsy was taken, and in pad-ufes-20 sex and skin type,
    which are filled in for the lesions that were biopsied.
    """

    file: str
    key: str
    numbers: tuple[str, ...]
    choices: tuple[str, ...]
    yes_no: tuple[str, ...] = ()


QUESTIONS = {
    "pad-ufes-20": QuestionTable(
        "metadata.csv",
        "img_id",
        ("age",),
        ("region",),
        ("itch", "grew", "hurt", "changed", "bleed", "elevation"),
    ),
    "ham10000": QuestionTable("HAM10000_metadata.csv", "image_id", ("age",), ("localization", "sex")),
}


def read_answers(root: Path, dataset: str, case_ids: Sequence[str]) -> pd.DataFrame:
    """Return the answers of the cases, a row each in their order and a column a question, as texts.

    Raises DermError for a dataset whose questions are not known, and for a case that its table has not.
    """
    import pandas as pd

    if dataset not in QUESTIONS:
        raise DermError(f"The questions of dataset '{dataset}' are not known: name its columns in QUESTIONS.")
    questions = QUESTIONS[dataset]
    table = pd.read_csv(root / questions.file, dtype=str, keep_default_na=False)
    table.index = pd.Index(table[questions.key].str.removesuffix(".png"))
    missing = [case for case in case_ids if case not in table.index]
    if missing:
        raise DermError(f"'{root / questions.file}' has no case '{missing[0]}': take the publisher's whole table.")
    return table.loc[list(case_ids), [*questions.numbers, *questions.choices, *questions.yes_no]]


def encoded(answers: pd.DataFrame, dataset: str, known: Flags) -> Floats:
    """Return answers as numbers, (n, d): a number standardized, a choice one-hot, yes and no as 1 and -1.

    Means, deviations and choices are those of the ``known`` cases, (n,), the training part.  What is not answered is
    0 throughout, so that it does not matter whether somebody asked.
    """
    import pandas as pd

    questions, columns = QUESTIONS[dataset], []
    for name in questions.numbers:
        numbers = pd.to_numeric(answers[name], errors="coerce").to_numpy(dtype=np.float64)
        mean, deviation = np.nanmean(numbers[known]), np.nanstd(numbers[known]) or 1.0
        columns.append(np.nan_to_num((numbers - mean) / deviation))
    for name in questions.choices:
        texts = answers[name].str.strip().str.lower().to_numpy(dtype=np.str_)
        seen = sorted(set(texts[known].tolist()) - {"", "unk", "unknown"})
        columns += [(texts == value).astype(np.float64) for value in seen]
    for name in questions.yes_no:
        columns.append(answers[name].str.strip().str.lower().map(YES_NO).fillna(0.0).to_numpy(dtype=np.float64))
    return np.stack(columns, axis=1)
