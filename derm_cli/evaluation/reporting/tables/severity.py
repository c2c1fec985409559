"""Triage and referral as tables: what it costs to find the dangerous lesions, and who is referred when."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.evaluation.grouping import counted
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS
from derm_cli.evaluation.metrics.operating_points import BinaryTriage, OperatingPoint
from derm_cli.evaluation.metrics.promises import Promise
from derm_cli.evaluation.metrics.referral import ReferralLevel
from derm_cli.evaluation.metrics.triage import Triage
from derm_cli.evaluation.reporting.tables.table import Number, Row, Table, metric_cell
from derm_cli.taxonomy import BENIGN, MALIGNANT, SEVERITIES

MOST_PROBABLE = "most probable class"
PROMISE_HEADINGS = ("promised %", "chosen on")
_METRICS = tuple(CLASS_METRICS[name] for name in ("sensitivity", "specificity", "precision", "npv"))


def triage_tables(triage: Triage) -> Iterator[Table]:
    """Yield the severities' confusion matrix, both binary tasks, and what each threshold costs."""
    rows: tuple[Row, ...] = tuple(
        (f"truly {name}", *map(int, counts)) for name, counts in zip(SEVERITIES, triage.counts, strict=True)
    )
    header = ("cases", *(f"said {name}" for name in SEVERITIES))
    yield Table("severities", "Confusion matrix by severity: the top of the ISIC hierarchy", header, rows)
    tasks = {
        "malignant against benign": triage.without_indeterminate,
        "malignant or indeterminate against benign": triage.with_indeterminate,
    }
    judged = {task: binary for task, binary in tasks.items() if binary is not None}
    auc = CLASS_METRICS["auc"]
    if judged:
        rows = tuple(
            (task, binary.cases, binary.positives, metric_cell(auc, binary.auc, binary.auc_interval))
            for task, binary in judged.items()
        )
        yield Table("triage", "Triage: who must be found", ("question", "cases", "to be found", auc.heading), rows)
    for number, (task, binary) in enumerate(judged.items(), start=1):
        yield _threshold_table(f"thresholds{number}", task, binary)


def _threshold_table(name: str, task: str, binary: BinaryTriage) -> Table:
    def row(point: OperatingPoint) -> Row:
        shares = (
            metric_cell(metric, getattr(point, metric.name), point.intervals.get(metric.name)) for metric in _METRICS
        )
        rule = MOST_PROBABLE if point.target is None else _chosen_for(point.target)
        return (
            rule,
            Number(point.threshold, scale=1, decimals=3),
            *shares,
            Number(point.referred),
            point.missed,
            point.unneeded,
            *promise_cells(point.promise),
        )

    def refused(promise: Promise) -> Row:
        nothing = [Number(None)] * (len(_METRICS) + 4)
        return (_chosen_for(promise.target), *nothing, *promise_cells(promise))

    headings = (metric.heading for metric in _METRICS)
    header = ("referred by", "threshold", *headings, "referred %", "missed", "referred in vain", *PROMISE_HEADINGS)
    chosen = ", chosen on the validation part, told on the test part" if binary.points else ""
    title = f"Triage thresholds, {task}: what it costs to find them{chosen}"
    rows = (*map(row, (binary.as_said, *binary.points)), *map(refused, binary.refused))
    return Table(name, title, header, rows)


def promise_cells(promise: Promise | None) -> Row:
    """Return the share that a threshold promises, with where the true one lies, and what it was chosen on.

    ``12 of 9 patients`` have several cases each; ``12, 19 needed`` are too few to promise it.
    """
    if promise is None:
        return Number(None), ""
    chosen_on = str(promise.cases)
    if promise.repeats:
        chosen_on += f" of {counted(promise.groups, promise.word)}"
    if promise.threshold is None:
        needed = f"{promise.needed} needed" if promise.needed else "never enough"
        return Number(None), f"{chosen_on}, {needed}"
    return Number(promise.target, promise.interval), chosen_on


def _chosen_for(target: float) -> str:
    return f"chosen for {target * 100:.3g}%"


def referral_table(referral: tuple[ReferralLevel, ...]) -> Table:
    """Return a row a level: now, soon, no, with what its threshold costs."""

    def row(level: ReferralLevel) -> Row:
        shares = (Number(level.shares[severity], level.intervals.get(severity)) for severity in (MALIGNANT, BENIGN))
        return (
            level.name,
            "" if level.target is None else f"{level.target:.0%} of {' and '.join(reversed(level.sought))}",
            Number(level.threshold, scale=1, decimals=3),
            Number(level.share),
            *(level.counts[severity] for severity in reversed(SEVERITIES)),
            *shares,
            Number(level.benign_per_malignant, scale=1),
            *promise_cells(level.promise),
        )

    header = (
        *("refer", "chosen for", "threshold", "of all %"),
        *reversed(SEVERITIES),
        *("of malignant %", "of benign %", "benign for each", *PROMISE_HEADINGS),
    )
    title = "Referral now, soon or not: chosen on the validation part, told on the test part"
    return Table("referral", title, header, tuple(map(row, referral)), keys=2)
