"""The predictions table, what a classifier predicted for each case: all that evaluation reads, whoever made it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from derm_cli.csv_cells import inert, row_writer
from derm_cli.errors import DermError, did_you_mean
from derm_cli.evaluation.array_types import Floats, Indices, Strings
from derm_cli.evaluation.class_limit import check_class_count
from derm_cli.evaluation.grouping import GroupWord, group_names, group_word
from derm_cli.evaluation.prediction_columns import (
    CASE,
    LABEL,
    PREDICTION,
    PROBABILITY,
    class_spellings,
    known_metadata,
    own_header,
    require_known_values,
)
from derm_cli.files import whole
from derm_cli.plugin.names import clean_name
from derm_cli.tables import read_text_table

SUM_TOLERANCE = 1e-3
"""How far a row's probabilities may be from 1 in sum: room for tables rounded to a few decimals."""
_DECIMAL_COMMA = re.compile(r"[01]?,\d+([eE]-?\d+)?", re.ASCII)
"""A probability as a spreadsheet writes it in much of the world.  No number of 0 to 1 has a comma of thousands."""


@dataclass(frozen=True)
class Predictions:
    """The true and the predicted classes of n cases, with probabilities where there are some.

    ``classes`` gives the order of everything derived; it covers all ``labels`` and ``predictions``, both (n,) of str.
    ``probabilities`` is float64 (n, classes) in 0..1, or None; the column of a class without probabilities is NaN.
    ``metadata`` has what else the table tells of each case, by column, (n,) of str, '' where that is unknown:
    the columns of groups (:mod:`derm_cli.evaluation.grouping`), and those that subgroups are formed by.
    """

    classes: tuple[str, ...]
    case_ids: tuple[str, ...]
    labels: Strings
    predictions: Strings
    probabilities: Floats | None
    metadata: Mapping[str, Strings] = field(default_factory=dict)

    def class_indices(self, names: Strings) -> Indices:
        """Return the indices of ``names``, labels or predictions, in ``classes``, (n,)."""
        indices = {name: index for index, name in enumerate(self.classes)}
        return np.array([indices[name] for name in names.tolist()], dtype=np.intp)

    @property
    def complete_probabilities(self) -> Floats | None:
        """The probabilities, None unless there are some of every class."""
        probabilities = self.probabilities
        return None if probabilities is None or np.isnan(probabilities).any() else probabilities

    @property
    def patients(self) -> Indices:
        """The patient of each case as a number from 0, (n,); a case of an unknown patient has one of its own.

        Where the table names lesions or what looks alike in the place of patients, the number of these: see
        ``group_word``.
        """
        first: dict[tuple[str, str] | int, int] = {}
        keys = [group or case for case, group in enumerate(self.groups)]
        return np.array([first.setdefault(key, len(first)) for key in keys], dtype=np.intp)

    @property
    def groups(self) -> list[tuple[str, str] | None]:
        """The column and name of each case's group, None where none is known, (n,)."""
        return group_names(self.metadata, len(self.case_ids))

    @property
    def group_word(self) -> GroupWord:
        """What the groups of the cases are called: patients, lesions or groups."""
        return group_word(self.groups)


def read_predictions(path: Path, classes: Sequence[str] | None = None) -> Predictions:
    """Read a CSV table ``case_id,label,prediction`` with optional ``p_<class>`` columns.

    Encoding, delimiter and what may stand above the header are as :func:`derm_cli.tables.read_text_table` has it;
    probabilities may have a decimal comma.

    The classes are in the given order, else in that of the ``p_`` columns, followed by the others as they first appear
    in ``label``, then in ``prediction``.  A table without ``prediction`` but with a probability of every class
    predicts the most probable one, of equals the first.  Everything is read as text, so that '007' stays '007'.
    Columns may have other spellings (:mod:`derm_cli.evaluation.prediction_columns`).  Names of classes that look the
    same are the same class; words for 'unknown' are no patient and no value.

    Raises DermError, naming the file and the line (the header is line 1), where this is no such table.
    """
    header_line, header, rows = _read(path)
    header = own_header(path, header, [row for _, row in rows])
    given = [name.removeprefix(PROBABILITY) for name in header if name.startswith(PROBABILITY)]
    for name in (CASE, LABEL) if given else (CASE, LABEL, PREDICTION):
        if name not in header:
            raise DermError(f"'{path}', line {header_line}: column '{name}' is missing.{did_you_mean(name, header)}")
    if not rows:
        raise DermError(f"'{path}' has a header but no case: give a row for each test photograph.")

    case_ids = _column(path, header, rows, CASE)
    first: dict[str, int] = {}
    for (line, _), case in zip(rows, case_ids, strict=True):
        earlier = first.setdefault(clean_name(case), line)
        if earlier != line:
            raise DermError(f"'{path}', line {line}: case '{case}' is already on line {earlier}; keep one of them.")
    labels = _column(path, header, rows, LABEL)
    predicted = _column(path, header, rows, PREDICTION) if PREDICTION in header else []
    lines = [line for line, _ in rows]
    require_known_values(path, lines, LABEL, labels, {*given, *(classes or ())})
    require_known_values(path, lines[: len(predicted)], PREDICTION, predicted, {*given, *(classes or ())})
    spellings = class_spellings(path, tuple(dict.fromkeys([*given, *labels, *predicted])), classes)
    given, labels, predicted = ([spellings[name] for name in names] for names in (given, labels, predicted))
    columns = iter(PROBABILITY + name for name in given)
    header = [next(columns) if name.startswith(PROBABILITY) else name for name in header]
    _require_single(path, header_line, header)
    order = tuple(classes or dict.fromkeys([*given, *labels, *predicted]))
    if not classes:
        cells = {name: [row[column] for _, row in rows] for column, name in enumerate(header)}
        others = {name: values for name, values in cells.items() if name not in (CASE, LABEL, PREDICTION)}
        check_class_count(path, labels, len(order), others)
    _require_known(path, [header_line] * len(given), "class of a column", given, order)
    _require_known(path, lines, LABEL, labels, order)
    _require_known(path, lines[: len(predicted)], PREDICTION, predicted, order)

    probabilities = _probabilities(path, header, rows, order) if given else None
    if PREDICTION not in header:
        if probabilities is None or len(given) < len(order):
            lacking = next(name for name in order if name not in given)
            raise DermError(
                f"'{path}', line {header_line}: column '{PREDICTION}' is missing and so is '{PROBABILITY}{lacking}', "
                "without which the most probable class is unknown: add one of them."
            )
        predicted = [order[class_index] for class_index in probabilities.argmax(axis=1)]
    standard = {CASE, LABEL, PREDICTION, *(PROBABILITY + name for name in given)}
    metadata = {
        name: np.array(known_metadata(path, name, [row[column].strip() for _, row in rows]))
        for column, name in enumerate(header)
        if name not in standard
    }
    return Predictions(order, tuple(case_ids), np.array(labels), np.array(predicted), probabilities, metadata)


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write a table that ``read_predictions`` reads back equal, to the last bit; whole or not at all.

    A class whose probabilities are all NaN gets no column.
    """
    probabilities, metadata = predictions.probabilities, predictions.metadata
    with_column = [] if probabilities is None else np.flatnonzero(~np.isnan(probabilities).all(axis=0)).tolist()
    # tolist() gives Python floats, which csv writes by repr: the shortest text that reads back as the same number.
    numbers = [[]] * len(predictions.case_ids) if probabilities is None else probabilities[:, with_column].tolist()
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        texts = [each.tolist() for each in (predictions.labels, predictions.predictions, *metadata.values())]
        columns_of_text = [predictions.case_ids, *texts, predictions.classes, tuple(metadata)]
        writer = row_writer(
            file, has_carriage_returns=any("\r" in str(cell) for each in columns_of_text for cell in each)
        )
        columns = (PROBABILITY + predictions.classes[class_index] for class_index in with_column)
        writer.writerow([CASE, LABEL, PREDICTION, *map(inert, metadata), *columns])
        cases = zip(predictions.case_ids, *texts, strict=True)
        writer.writerows([*map(inert, case), *row] for case, row in zip(cases, numbers, strict=True))


Rows = list[tuple[int, list[str]]]


def _read(path: Path) -> tuple[int, list[str], Rows]:
    """Return the header's line, the header, and the rows, each with the line on which it begins."""
    table = read_text_table(path, (CASE, LABEL), strict=True)
    header = table.header.cells
    if not header:
        raise DermError(f"'{path}' is empty: give a CSV table with the columns {CASE},{LABEL},{PREDICTION}.")
    # A spreadsheet writes columns that once had something in them.
    width = len(header)
    while not header[width - 1].strip() and not any("".join(row.cells[width - 1 :]).strip() for row in table.rows):
        width -= 1
    header, line = header[:width], table.header.first_line
    _require_single(path, line, header)
    rows = []
    for row in table.rows:
        cells = row.cells
        if len(cells) > width and not "".join(cells[width:]).strip():
            cells = cells[:width]
        if len(cells) != width:
            quotes = " (a comma inside a cell, as in 0,75, needs quotes around it)" if len(cells) > width else ""
            raise DermError(
                f"'{path}', line {row.first_line}: '{len(cells)}' cells under {width} columns{quotes}; mend the line."
            )
        rows.append((row.first_line, cells))
    return line, header, rows


def _require_single(path: Path, line: int, header: list[str]) -> None:
    for name in header:
        if header.count(name) > 1:
            raise DermError(f"'{path}', line {line}: column '{name}' stands there twice; keep one of them.")


def _column(path: Path, header: list[str], rows: Rows, name: str) -> list[str]:
    column = header.index(name)
    for line, row in rows:
        if not row[column].strip():
            raise DermError(f"'{path}', line {line}: '{name}' is empty; fill it in or remove the line.")
    return [row[column] for _, row in rows]


def _require_known(path: Path, lines: list[int], what: str, names: list[str], order: tuple[str, ...]) -> None:
    for line, name in zip(lines, names, strict=True):
        if name not in order:
            raise DermError(f"'{path}', line {line}: unknown {what} '{name}'.{did_you_mean(name, order)}")


def _probabilities(path: Path, header: list[str], rows: Rows, order: tuple[str, ...]) -> Floats:
    """Return the probabilities, (n, classes) in ``order``, NaN for a class without a column."""
    probabilities = np.full((len(rows), len(order)), np.nan)
    for class_index, name in enumerate(order):
        column = PROBABILITY + name
        if column in header:
            source = header.index(column)
            probabilities[:, class_index] = _numbers(path, column, [(line, row[source]) for line, row in rows])
    complete = not np.isnan(probabilities).any()
    sums = np.nansum(probabilities, axis=1)
    # Of a part of the classes, the probabilities may come to less than 1, but to no more.
    off = np.flatnonzero((sums > 1 + SUM_TOLERANCE) | (complete & (sums < 1 - SUM_TOLERANCE)))
    if off.size:
        raise DermError(
            f"'{path}', line {rows[off[0]][0]}: the probabilities sum to '{sums[off[0]]:.6g}'; give numbers that "
            f"sum to {'' if complete else 'at most '}1."
        )
    return probabilities


def _numbers(path: Path, column: str, cells: list[tuple[int, str]]) -> Floats:
    """Return the probabilities of a column: all at once, and one by one where some is no plain number."""
    try:
        values = np.array([float(text) for _, text in cells])
        # NaN fails it too.
        if ((values >= 0) & (values <= 1)).all():
            return values
    except ValueError:
        pass
    return np.array([_probability(path, line, column, text) for line, text in cells])


def _probability(path: Path, line: int, column: str, text: str) -> float:
    try:
        value = float(text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text.strip()) else text)
    except ValueError:
        value = np.nan
    if not 0 <= value <= 1:  # NaN is refused too
        raise DermError(f"'{path}', line {line}: '{column}' is '{text}'; give a number from 0 to 1.")
    return value
