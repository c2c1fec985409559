"""Empty, documented layouts for who brings photographs of one's own: a table with its columns, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derm_cli.plugin import DatasetSpec

README = "README.txt"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table: its name, what stands in it, and whether every row must have it.

    ``record`` is the name of the column of records that it is, where that is another.
    """

    name: str
    meaning: str
    needed: bool = False
    record: str = ""


def column_lines(columns: Sequence[Column]) -> str:
    """Return a line a column: its name and its meaning, those that every row must have first."""
    width = max(len(column.name) for column in columns)
    ordered = sorted(columns, key=lambda column: not column.needed)
    return "\n".join(f"{column.name:<{width}}  {column.meaning}" for column in ordered)


def write_template(
    root: Path, spec: DatasetSpec, columns: Sequence[Column], *, table: str, classes: str, folders: Sequence[str] = ()
) -> None:
    """Write into ``root`` an empty ``table`` with its header, the ``folders``, and a README that tells what to do.

    ``classes`` is what the README says of them.
    """
    for folder in (root, *(root / each for each in folders)):
        folder.mkdir(parents=True, exist_ok=True)
    (root / table).write_text(",".join(column.name for column in columns) + "\n", encoding="utf-8")
    name = "my-clinic" if spec.reader else spec.name
    reader = f'       reader = "{spec.name}"\n' if spec.reader else ""
    needed = ", ".join(column.name for column in columns if column.needed)
    text = f"""\
Photographs of your own for derm
{spec.title}

1. Put the photographs below this folder, and give each a row in {table}.
   A spreadsheet saves it as CSV in UTF-8; commas, semicolons and tabs between
   the cells are all understood.
2. Tell derm of this folder in derm.toml:

       [datasets.{name}]
{reader}       path = "the path of this folder"

3. Call 'derm data check {name}'. It says what would be left out, and why.

Patients stand in the table by pseudonyms, never by names, dates of birth or
numbers of a hospital.


THE COLUMNS OF {table}

{column_lines(columns)}

Every row needs {needed}. The other cells may be empty, and their
columns may be left out: what you do not know stays empty. Further columns of
your own do no harm. Derm keeps all photographs of a patient, or else of a
lesion, on one side of a split.


THE CLASSES

{classes.rstrip()}
"""
    (root / README).write_text(text, encoding="utf-8")
