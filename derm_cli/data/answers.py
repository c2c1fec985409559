"""The answers of records: which are used, how they are encoded, and how they are read off a table of cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.data.records import Records
from derm_cli.data.shortcuts import shortcuts
from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plugin import AnswerEncoding, EncodedField, MetadataField
from derm_cli.plugin.metadata_fields import YES

NONE, AUTO = "none", "auto"
"""What may be asked for in the place of names: no answers, and all that are no shortcut."""


def chosen_fields(records: Records, asked: str) -> tuple[tuple[MetadataField, ...], dict[str, str]]:
    """Return the questions that are used of a dataset, and by name why some of them should not be.

    ``asked`` is ``none``, ``auto`` or names comma by comma.  ``auto`` are all that the dataset answers but for
    shortcuts.  Raises RequestError where it answers none, or none of a name.
    """
    if asked == NONE:
        return (), {}
    answered = {each.name: each for each in records.metadata}
    if not answered:
        raise RequestError(
            f"--metadata is '{asked}', but dataset '{records.name}' has no answers: leave it out, or train on one that "
            "has them ('derm data check' tells)."
        )
    refused = {each.field.name: each.reason for each in shortcuts(records)}
    if asked == AUTO:
        used = tuple(each for name, each in answered.items() if name not in refused)
        if not used:
            raise RequestError(
                f"--metadata is '{asked}', but every answer of dataset '{records.name}' tells how its label came about "
                f"({', '.join(refused)}): leave it out, or name those that you want."
            )
        return used, {}
    names = list(dict.fromkeys(each.strip() for each in asked.split(",")))
    for name in names:
        if name not in answered:
            raise RequestError(
                f"--metadata names '{name}', but dataset '{records.name}' has no such answer."
                f"{did_you_mean(name, answered)}"
            )
    return tuple(answered[name] for name in names), {name: refused[name] for name in names if name in refused}


def fit_encoding(
    fields: Sequence[MetadataField], cases: pd.DataFrame, cautions: dict[str, str] | None = None
) -> AnswerEncoding:
    """Return the encoding of ``fields`` by the ``cases`` that are trained on; a field that none of them tells is out.

    ``cautions`` says by name why a field should not be used.
    """
    known = [each for each in fields if each.name in cases and cases[each.name].notna().any()]
    return AnswerEncoding(
        tuple(_encoded(each, cases[each.name].dropna(), (cautions or {}).get(each.name, "")) for each in known)
    )


def _encoded(field: MetadataField, answers: pd.Series[str], caution: str) -> EncodedField:
    if field.kind == "number":
        numbers = answers.to_numpy(dtype=np.float64)
        # Where all are the same the number tells nothing, whatever it is divided by.
        deviation = float(numbers.std()) or 1.0
        return EncodedField(field=field, mean=float(numbers.mean()), deviation=deviation, caution=caution)
    if field.kind == "yes-no":
        return EncodedField(field=field, shares=(float((answers == YES).mean()),), caution=caution)
    shares = answers.value_counts(normalize=True)
    # In the question's own order, else in that of the alphabet.
    choices = tuple(each for each in field.choices or sorted(shares.index) if each in shares)
    return EncodedField(
        field=field, choices=choices, shares=tuple(float(shares[each]) for each in choices), caution=caution
    )


def encode_cases(encoding: AnswerEncoding, cases: pd.DataFrame) -> npt.NDArray[np.float32]:
    """Return the answers of ``cases``, float32 (n, k); a question that they have no column for is unknown of all."""
    answers = known_answers(encoding, cases)
    rows = zip(*answers.values(), strict=True) if answers else (() for _ in range(len(cases)))
    vectors = [encoding.encode(dict(zip(answers, row, strict=True))) for row in rows]
    return np.stack(vectors) if vectors else np.zeros((0, encoding.width), np.float32)


def known_answers(encoding: AnswerEncoding, cases: pd.DataFrame) -> dict[str, list[float | str | None]]:
    """Return by question the answer of each of ``cases``, None where it is not known."""
    return {
        name: [None if pd.isna(value) else value for value in cases[name]] for name in encoding.names if name in cases
    }


def question_of_number(encoding: AnswerEncoding) -> npt.NDArray[np.intp]:
    """Return for each number of the vector the index of the question that it is of, (k,)."""
    return np.repeat(np.arange(len(encoding.fields)), [each.width for each in encoding.fields])
