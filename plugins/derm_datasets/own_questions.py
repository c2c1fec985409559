"""Questions of one's own: a table ``questions.csv`` beside the table of photographs, a row for each of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derm_cli.plugin import COMMON_FIELDS, DermError, MetadataField
from derm_datasets.files import DatasetFiles, layout_error
from derm_datasets.templates import Column

if TYPE_CHECKING:
    from derm_cli.plugin import DatasetSpec

QUESTIONS = "questions.csv"
"""The table of questions, with the columns name, title, kind, choices, unit, least, greatest and known_by."""
ANSWER_COLUMNS = tuple(
    Column(
        name=field.name,
        meaning=f"{field.title} {field.expected}".replace(" a text", " in words")
        + (" (never used as an answer)" if field.tells_label else ""),
    )
    for field in COMMON_FIELDS.values()
    if field.name not in ("age", "sex", "site", "fitzpatrick")
)
"""The columns of a table that answer one of the common questions."""


def read_questions(spec: DatasetSpec, root: Path) -> tuple[MetadataField, ...]:
    """Return the questions of ``questions.csv``, none where it is not there.

    ``choices`` are separated by ``|``.  Raises DermError for a row that is no question, or that bears the name of a
    common one and means something else.
    """
    files = DatasetFiles(spec, root)
    path = files.find(QUESTIONS, QUESTIONS)
    if path is None or "/" in path:
        return ()
    table = files.read_table(root / path, "name", "title", "kind")
    rows = table.astype("object").where(table.notna(), "").to_dict("records")
    questions = []
    for number, row in enumerate(rows):
        try:
            question = _question({str(name): str(value) for name, value in row.items()})
        except (DermError, ValueError) as fault:
            line = files.line_number(root / path, number)
            raise layout_error(spec, f"line {line} of '{root / path}' is no question ({fault})") from None
        questions.append(question)
    names = [each.name for each in questions]
    for name in names:
        if names.count(name) > 1:
            raise layout_error(spec, f"'{root / path}' has two questions '{name}'")
    return tuple(questions)


def with_questions(columns: Sequence[Column], questions: Sequence[MetadataField]) -> tuple[Column, ...]:
    """Return the columns of a table of photographs, with those that answer further ``questions``."""
    known = {column.name for column in columns}
    return (*columns, *(Column(name=each.name, meaning=each.title) for each in questions if each.name not in known))


def _question(row: dict[str, str]) -> MetadataField:
    common = COMMON_FIELDS.get(row["name"].lower())
    ends = tuple(float(row[name].replace(",", ".")) for name in ("least", "greatest") if row.get(name))
    given: dict[str, Any] = {
        "name": row["name"].lower().replace(" ", "_"),
        "title": row["title"],
        "kind": row["kind"].lower(),
        "choices": tuple(each.strip().lower() for each in row.get("choices", "").split("|") if each.strip()),
        "unit": row.get("unit", ""),
        "range": ends or None,
        "known_by": row.get("known_by", "").lower() or "patient",
    }
    if common and (given["kind"] != common.kind or (given["choices"] and given["choices"] != common.choices)):
        raise ValueError(f"'{common.name}' is a common question: {common.expected}")
    if common:
        given |= {"choices": common.choices, "unit": common.unit, "range": common.range}
        given |= {"tells_label": common.tells_label, "spellings": common.spellings}
    return MetadataField(**given)
