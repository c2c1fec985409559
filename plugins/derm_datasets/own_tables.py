"""Reads the tables that people write themselves, whatever they call the columns, patients and classes in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin import SPELLINGS, canonical_names, clean_name, known_names, match_columns, warn
from derm_datasets.splits import names_parts

if TYPE_CHECKING:
    import pandas as pd

    from derm_datasets.files import DatasetFiles
    from derm_datasets.templates import Column


def read_own_table(files: DatasetFiles, path: Path, columns: Sequence[Column]) -> pd.DataFrame:
    """Return the table ``path`` as :meth:`DatasetFiles.read_table` does, its columns named as in ``columns``.

    They may have any of the spellings that derm knows.  Warns of those that are nearly a column, and of those that are
    not used.  Raises DermError where two could be the same column.
    """
    needed = [column.name for column in columns if column.needed]
    spellings = {column.name: _spellings(column) for column in columns}

    def renamed(header: list[str], rows: list[list[str]]) -> list[str]:
        def fits(own: str, name: str) -> bool:
            """Tell whether a column of another name holds what it must: parts of a split, or classes."""
            position = header.index(name)
            cells = [row[position] for row in rows if position < len(row)]
            if own == "split":
                return names_parts(cells)
            # A diagnosis in the ISIC Archive's hierarchy is no class's name.
            return name != "diagnosis" or not any(":" in cell for cell in cells)

        names = match_columns(path, header, spellings, fits, needed)
        names.warn(path)
        return names.renamed(header)

    return files.read_table(path, *needed, rename=renamed)


def _spellings(column: Column) -> tuple[str, ...]:
    """Return the names by which a column is known: those of the record's column, else its own name."""
    return SPELLINGS.get(column.record or column.name, (column.name.replace("_", " "),))


def own_labels(labels: pd.Series[str]) -> pd.Series[str]:
    """Return the labels of a table with one spelling for each class, as :func:`canonical_names` has it."""
    return labels.map(canonical_names(labels.dropna().unique()), na_action="ignore")


def labels_among(path: Path, labels: pd.Series[str], classes: Iterable[str]) -> pd.Series[str]:
    """Return the labels of the table ``path`` in the spelling of the ``classes``; one that is none of them stays.

    Warns of those that are a class but for case, hyphens or leading zeros.
    """
    names = known_names(labels.dropna().unique(), classes)
    for name, label in names.items():
        if clean_name(name) != label:
            warn(f"'{path}': the class '{clean_name(name)}' is taken for '{label}'.")
    return labels.map(lambda name: names.get(name, name), na_action="ignore")
