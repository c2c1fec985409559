"""Triage and referral as tables: what it costs to find the dangerous lesions, and who is referred when."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS
from derm_cli.evaluation.metrics.operating_points import BinaryTriage, OperatingPoint
from derm_cli.evaluation.metrics.referral import ReferralLevel
from derm_cli.evaluation.metrics.triage import Triage
from derm_cli.evaluation.reporting.tables.table import Number, Row, Table, metric_cell
from derm_cli.taxonomy import BENIGN, MALIGNANT, SEVERITIES

MOST_PROBABLE = "most probable class"
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
        rule = MOST_PROBABLE if point.target is None else f"chosen for {point.target * 100:.3g}%"
        return (
            rule,
            Number(point.threshold, scale=1, decimals=3),
            *shares,
            Number(point.referred),
            point.missed,
            point.unneeded,
        )

    headings = (metric.heading for metric in _METRICS)
    header = ("referred by", "threshold", *headings, "referred %", "missed", "referred in vain")
    chosen = ", chosen on the validation part, told on the test part" if binary.points else ""
    title = f"Triage thresholds, {task}: what it costs to find them{chosen}"
    return Table(name, title, header, tuple(map(row, (binary.as_said, *binary.points))))


def referral_table(referral: tuple[ReferralLevel, ...]) -> Table:
    """Return a row a level: now, soon, no, with what its threshold costs."""

    def row(level: ReferralLevel) -> Row:
        shares = (Number(level.shares[severity], level.intervals.get(severity)) for severity in (MALIGNANT, BENIGN))
        return (
            level.name,
            "" if level.target is None else f"{level.target * 100:.3g}% of {' and '.join(reversed(level.sought))}",
            Number(level.threshold, scale=1, decimals=3),
            Number(level.share),
            *(level.counts[severity] for severity in reversed(SEVERITIES)),
            *shares,
            Number(level.benign_per_malignant, scale=1),
        )

    header = (
        *("refer", "chosen for", "threshold", "of all %"),
        *reversed(SEVERITIES),
        *("of malignant %", "of benign %", "benign for each"),
    )
    title = "Referral now, soon or not: chosen on the validation part, told on the test part"
    return Table("referral", title, header, tuple(map(row, referral)), keys=2)
