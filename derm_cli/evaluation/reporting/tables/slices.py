"""Parts of the cases."""

from __future__ import annotations

from derm_cli.evaluation.metrics.slicing import Slice
from derm_cli.evaluation.reporting.tables.table import Table, Value

MAY_BE_CHANCE = "may be chance"


def slices_sheet(slices: tuple[Slice, ...]) -> Table:
    """Return the parts of the cases, the largest gaps first, with a warning where one is too small."""
    patients, malignant = any(each.patients for each in slices), any(each.malignant for each in slices)
    rows = tuple(
        (
            each.column,
            each.value,
            each.cases,
            *((each.patients or "",) if patients else ()),
            Value(each.accuracy, each.accuracy_interval),
            Value(each.balanced_accuracy, each.balanced_accuracy_interval),
            Value(each.gap, each.gap_interval),
            *((each.malignant, Value(each.malignant_sensitivity, each.malignant_interval)) if malignant else ()),
            each.warning or (MAY_BE_CHANCE if each.may_be_chance else ""),
        )
        for each in slices
    )
    header = (
        *("by", "value", "cases", *(("patients",) if patients else ())),
        *("accuracy %", "balanced accuracy %", "gap to the others"),
        *(("malignant", "malignant found %") if malignant else ()),
        "warning",
    )
    return Table("slices", "Parts of the cases, the largest gaps first", header, rows, keys=2)
