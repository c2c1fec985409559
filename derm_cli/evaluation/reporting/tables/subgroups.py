"""Subgroups as a table."""

from __future__ import annotations

from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.metrics.subgroups import Subgroup
from derm_cli.evaluation.reporting.tables.table import Number, Table, metric_cell
from derm_cli.nouns import counted
from derm_cli.plugin.subgroup_columns import subgroup_title

MAY_BE_CHANCE = "may be chance"


def subgroup_table(subgroups: tuple[Subgroup, ...]) -> Table:
    """Return the subgroups: those whose gap is more than chance gives, the largest first; the others are folded."""
    groups, malignant = any(each.groups for each in subgroups), any(each.malignant for each in subgroups)
    accuracy, balanced = OVERALL_METRICS["accuracy"], OVERALL_METRICS["balanced_accuracy"]
    rows = tuple(
        (
            subgroup_title(each.column),
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
    title = "Subgroups: parts of the cases whose gap to the others is more than chance gives, the largest first"
    folded = [each for each in subgroups if not each.is_told]
    return Table("slices", title, header, rows, keys=2, folded=len(folded), fold_title=_fold_title(folded))


def _fold_title(folded: list[Subgroup]) -> str:
    """Return in a sentence how many subgroups are folded, and why."""
    chance, small = (sum(is_small == bool(each.warning) for each in folded) for is_small in (False, True))
    reasons = [f"{count} {why}" for count, why in ((chance, "whose gap may be chance"), (small, "too small")) if count]
    return f"{counted(len(folded), 'other subgroup')}: {', '.join(reasons)}."
