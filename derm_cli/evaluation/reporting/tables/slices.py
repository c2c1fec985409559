"""Parts of the cases."""

from __future__ import annotations

from derm_cli.evaluation.metrics.slicing import Slice
from derm_cli.evaluation.reporting.tables.table import Figure, Sheet

MAY_BE_CHANCE = "may be chance"


def slices_sheet(slices: tuple[Slice, ...]) -> Sheet:
    """Return the parts of the cases, the largest gaps first, with a warning where one is too small."""
    patients, malignant = any(each.patients for each in slices), any(each.malignant for each in slices)
    rows = tuple(
        (
            each.column,
            each.value,
            each.cases,
            *((each.patients or "",) if patients else ()),
            Figure(each.accuracy, each.accuracy_interval),
            Figure(each.balanced_accuracy, each.balanced_accuracy_interval),
            Figure(each.gap, each.gap_interval),
            *((each.malignant, Figure(each.malignant_sensitivity, each.malignant_interval)) if malignant else ()),
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
    return Sheet("slices", "Parts of the cases, the largest gaps first", header, rows, keys=2)
