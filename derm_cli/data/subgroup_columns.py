"""From a dataset's own columns to the subgroups of its records, of which alone predictions tables tell."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from derm_cli.plugin.subgroup_columns import OWN_SUBGROUP, SubgroupColumn


def with_subgroups(frame: pd.DataFrame, columns: Sequence[SubgroupColumn]) -> pd.DataFrame:
    """Return records, whose values were cleaned, with the subgroup of each by each of ``columns`` that they have.

    The new columns are those of predictions tables; one of such a name that nobody declared is left out.
    """
    undeclared = [name for name in map(str, frame.columns) if name.startswith(OWN_SUBGROUP)]
    added = {
        each.column: [None if pd.isna(value) else each.subgroup(value) for value in frame[each.name]]
        for each in columns
        if each.name in frame
    }
    kept = frame.drop(columns=undeclared)
    return kept.assign(**{name: pd.Series(values, index=frame.index, dtype="object") for name, values in added.items()})
