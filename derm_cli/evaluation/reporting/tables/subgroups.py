"""Subgroups as a table."""

from __future__ import annotations

from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.metrics.subgroups import Subgroup
from derm_cli.evaluation.reporting.tables.table import Number, Table, metric_cell

MAY_BE_CHANCE = "may be chance"


def subgroup_table(subgroups: tuple[Subgroup, ...]) -> Table:
    """Return the subgroups, the largest gaps first, with a warning where one is too small."""
    groups, malignant = any(each.groups for each in subgroups), any(each.malignant for each in subgroups)
    accuracy, balanced = OVERALL_METRICS["accuracy"], OVERALL_METRICS["balanced_accuracy"]
    rows = tuple(
        (
            each.column,
            each.value,
            each.cases,
            *((each.groups or "",) if groups else ()),
            metric_cell(accuracy, each.accuracy, each.accuracy_interval),
            metric_cell(balanced, each.balanced_accuracy, each.balanced_accuracy_interval),
            Number(each.gap, each.gap_interval),
            *((each.malignant, Number(each.malignant_sensitivity, each.malignant_interval)) if malignant else ()),
            each.warning or (MAY_BE_CHANCE if each.may_be_chance else ""),
        )
        for each in subgroups
    )
    header = (
        *("by", "value", "cases", *((subgroups[0].group_word,) if groups else ())),
        *(accuracy.heading, balanced.heading, "gap to the others"),
        *(("malignant", "malignant found %") if malignant else ()),
        "warning",
    )
    return Table("slices", "Subgroups: parts of the cases, the largest gaps first", header, rows, keys=2)
