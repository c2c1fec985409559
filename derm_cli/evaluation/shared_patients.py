"""The patients of several predictions tables of the same cases: known to one, they are known to all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from derm_cli.evaluation.grouping import GROUP_COLUMNS, LOOKS, WORDS
from derm_cli.evaluation.predictions import Predictions


def with_shared_patients(tables: Mapping[str, Predictions]) -> dict[str, Predictions]:
    """Return the tables with the same patient of each case, a number; as they are where none tells of patients.

    Two cases are of one patient where any of the tables says so.  Patients may be lesions, or what looks alike
    (:mod:`.grouping`).
    """
    words = {each.group_word for each in tables.values() if any(each.groups)}
    if not words:
        return dict(tables)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    row_of: dict[str, int] = {}
    rows = [
        np.array([row_of.setdefault(case, len(row_of)) for case in table.case_ids], dtype=np.intp)
        for table in tables.values()
    ]
    starts, ends = [], []
    for own_rows, table in zip(rows, tables.values(), strict=True):
        patients = table.patients
        # The first case of each patient stands for all of them.
        _, first, of_case = np.unique(patients, return_index=True, return_inverse=True)
        starts.append(own_rows)
        ends.append(own_rows[first][of_case])
    edges = (np.concatenate(starts), np.concatenate(ends))
    graph = coo_array((np.ones(len(edges[0])), edges), shape=(len(row_of), len(row_of)))
    _, numbers = connected_components(graph, directed=False)
    column = {word: name for name, word in WORDS.items()}[words.pop()] if len(words) == 1 else LOOKS
    return {
        name: replace(
            table,
            metadata={key: values for key, values in table.metadata.items() if key not in GROUP_COLUMNS}
            | {column: numbers[own_rows].astype(str)},
        )
        for own_rows, (name, table) in zip(rows, tables.items(), strict=True)
    }
