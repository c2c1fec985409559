"""What thresholds promise, as a table: the share they find on average, where the true one lies, what they rest on."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.evaluation.grouping import counted
from derm_cli.evaluation.metrics.operating_points import BinaryTriage
from derm_cli.evaluation.metrics.promises import Promise
from derm_cli.evaluation.metrics.referral import ReferralLevel
from derm_cli.evaluation.metrics.triage import Triage
from derm_cli.evaluation.reporting.tables.table import Number, Row, Table

PROMISE_HEADINGS = ("threshold", "promised %", "chosen on")


def promise_table(triage: Triage | None, referral: tuple[ReferralLevel, ...]) -> Table | None:
    """Return a row for each threshold that was chosen, or refused; None where there is none."""
    rows = tuple((what, *promise_cells(promise)) for what, promise in _promises(triage, referral))
    title = "What triage thresholds promise: sensitivity on average, and where the true one of this threshold lies"
    return Table("promises", title, ("threshold for", *PROMISE_HEADINGS), rows) if rows else None


def promise_cells(promise: Promise) -> Row:
    """Return a threshold, the share that it promises, with where the true one lies, and what it was chosen on.

    ``12 of 9 patients`` have several cases each; ``12, 19 needed`` are too few to promise it.
    """
    chosen_on = str(promise.cases)
    if promise.repeats:
        chosen_on += f" of {counted(promise.groups, promise.word)}"
    if promise.threshold is None:
        needed = f"{promise.needed} needed" if promise.needed else "never enough"
        return Number(None), Number(None), f"{chosen_on}, {needed}"
    return Number(promise.threshold, scale=1, decimals=3), Number(promise.target, promise.interval), chosen_on


def _promises(triage: Triage | None, referral: tuple[ReferralLevel, ...]) -> Iterator[tuple[str, Promise]]:
    for task in triage.tasks if triage else ():
        sought = " or ".join(reversed(task.positive))
        for promise in _of_task(task):
            yield f"{promise.target * 100:.3g}% of {sought}", promise
    for level in referral:
        if level.promise is not None:
            yield (
                f"{level.name}: {level.promise.target * 100:.3g}% of {' or '.join(reversed(level.sought))}",
                level.promise,
            )


def _of_task(task: BinaryTriage) -> tuple[Promise, ...]:
    return (*(point.promise for point in task.points if point.promise is not None), *task.refused)
