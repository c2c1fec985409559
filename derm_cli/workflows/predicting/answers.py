"""The answers that ``derm predict`` is given beside photographs: by ``--answer`` for all, by ``--answers`` for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from derm_cli.console import warn
from derm_cli.errors import RequestError
from derm_cli.plugin import (
    SPELLINGS,
    AnswerEncoding,
    ArtefactFacts,
    clean_name,
    match_columns,
    missing_column,
    read_text_table,
)

Answers = dict[str, float | str]
"""Answers that are known, by question."""

CASE, FILE = "case_id", "file"


def answers_of_images(
    facts: ArtefactFacts, images: Sequence[Path], assignments: Sequence[str] = (), table: Path | None = None
) -> list[Answers]:
    """Return the answers of each image: ``assignments``, each ``NAME=VALUE``, over those of its row of the ``table``.

    Raises RequestError for a model that takes no answers, an unknown question, an answer that cannot be, and a table
    that has no row for any image; warns of images that it has none for.
    """
    encoding = facts.answers
    if encoding is None:
        if assignments or table:
            given = f"--answer '{assignments[0]}'" if assignments else f"--answers '{table}'"
            raise RequestError(
                f"{given} is for a model that takes answers, as that of run '{facts.run}' does not: train one with "
                "--metadata auto, or leave it out."
            )
        return [{} for _ in images]
    for_all = _parsed(encoding, assignments)
    of_rows = _of_table(encoding, images, table) if table else [{} for _ in images]
    merged = [{**own, **for_all} for own in of_rows]
    return [{name: answer for name, answer in each.items() if answer is not None} for each in merged]


def _parsed(encoding: AnswerEncoding, assignments: Sequence[str]) -> dict[str, float | str | None]:
    answers: dict[str, float | str | None] = {}
    for assignment in assignments:
        name, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals or not text:
            raise RequestError(f"--answer '{assignment}' must be NAME=VALUE, as in age=71.")
        if name in answers:
            raise RequestError(f"--answer gives '{name}' twice: keep one of them.")
        answers[name] = encoding.parse(name, text, f"--answer '{assignment}'")
    return answers


def _of_table(encoding: AnswerEncoding, images: Sequence[Path], path: Path) -> list[dict[str, float | str | None]]:
    """Return the answers of each image by the table's column ``file``, or ``case_id``: the image's path or name."""
    table = read_text_table(path)
    header = [cell.strip() for cell in table.header.cells]
    spellings = {
        **{name: SPELLINGS.get(name, (name.replace("_", " "),)) for name in (CASE, FILE)},
        **{name: SPELLINGS.get(name, (name.replace("_", " "),)) for name in encoding.names},
    }
    names = match_columns(path, header, spellings)
    names.warn(path)
    columns = names.renamed(header)
    keys = [name for name in (FILE, CASE) if name in columns]
    if not keys:
        raise RequestError(f"{missing_column(path, FILE, header)}: give a column with the photographs' file names.")
    if not any(name in columns for name in encoding.names):
        raise RequestError(
            f"'{path}' has no column of a question of the model: name one or more of {', '.join(encoding.names)}."
        )
    rows: dict[str, tuple[int, list[str]]] = {}
    for row in table.rows:
        cells = [*(cell.strip() for cell in row.cells), *[""] * (len(columns) - len(row.cells))]
        for key in keys:
            if named := clean_name(cells[columns.index(key)]):
                if named in rows:
                    raise RequestError(
                        f"'{path}', line {row.first_line}: '{named}' is already on line {rows[named][0]}; keep one of "
                        "them."
                    )
                rows[named] = (row.first_line, cells)
    found = [next((rows[name] for name in _names_of(image) if name in rows), None) for image in images]
    unanswered = [image for image, row in zip(images, found, strict=True) if row is None]
    if len(unanswered) == len(images):
        raise RequestError(f"'{path}' has no row for '{images[0]}': name it by its path, its file's name, or its stem.")
    if unanswered:
        warn(f"'{path}' has no row for {len(unanswered)} of {len(images)} photographs, such as '{unanswered[0]}'.")
    return [{} if row is None else _row_answers(encoding, path, columns, *row) for row in found]


def _names_of(image: Path) -> tuple[str, ...]:
    """Return what a table may call an image, the surest first."""
    names = (str(image), image.as_posix(), PurePath(image).name, PurePath(image).stem)
    return tuple(map(clean_name, names))


def _row_answers(
    encoding: AnswerEncoding, path: Path, columns: Sequence[str], line: int, cells: Sequence[str]
) -> dict[str, float | str | None]:
    return {
        name: encoding.parse(name, cells[columns.index(name)], f"'{path}', line {line},")
        for name in encoding.names
        if name in columns
    }
