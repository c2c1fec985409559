"""Who must be seen: severities, what it costs to find the dangerous ones, and who is referred when."""

from __future__ import annotations

from collections.abc import Iterator

from derm_cli.evaluation.metrics.referral import ReferralLevel
from derm_cli.evaluation.metrics.triage import BinaryTriage, OperatingPoint, Triage
from derm_cli.evaluation.reporting.tables.table import Row, Table, Value
from derm_cli.taxonomy import BENIGN, MALIGNANT, SEVERITIES

MOST_PROBABLE = "most probable class"
_POINT = {"sensitivity %": "sensitivity", "specificity %": "specificity", "PPV %": "precision", "NPV %": "npv"}


def triage_sheets(triage: Triage) -> Iterator[Table]:
    """Yield the severities' confusion, both ways to ask who must be found, and what each threshold costs."""
    rows: tuple[Row, ...] = tuple(
        (f"truly {name}", *map(int, counts)) for name, counts in zip(SEVERITIES, triage.counts, strict=True)
    )
    header = ("cases", *(f"said {name}" for name in SEVERITIES))
    yield Table("severities", "Benign, indeterminate, malignant: by the top of the ISIC hierarchy", header, rows)
    sides = {
        "malignant against benign": triage.without_indeterminate,
        "malignant or indeterminate against benign": triage.with_indeterminate,
    }
    known = {title: side for title, side in sides.items() if side is not None}
    if known:
        rows = tuple(
            (title, side.cases, side.positives, Value(side.auc, side.auc_interval)) for title, side in known.items()
        )
        yield Table("triage", "Who must be found", ("question", "cases", "to be found", "AUC %"), rows)
    for place, (title, side) in enumerate(known.items()):
        yield _points_sheet(f"thresholds{place + 1}", title, side)


def _points_sheet(name: str, title: str, side: BinaryTriage) -> Table:
    def row(point: OperatingPoint) -> Row:
        shares = (Value(getattr(point, each), point.intervals.get(each)) for each in _POINT.values())
        rule = MOST_PROBABLE if point.target is None else f"chosen for {point.target:.0%}"
        return (
            rule,
            Value(point.threshold, scale=1, decimals=3),
            *shares,
            Value(point.referred),
            point.missed,
            point.unneeded,
        )

    header = ("referred by", "threshold", *_POINT, "referred %", "missed", "referred in vain")
    chosen = ", thresholds chosen on the validation part, told on the test part" if side.points else ""
    heading = f"What it costs to find them, {title}{chosen}"
    return Table(name, heading, header, tuple(map(row, (side.as_said, *side.points))))


def referral_sheet(referral: tuple[ReferralLevel, ...]) -> Table:
    """Return a row a level: now, soon, no, with what its threshold costs."""

    def row(each: ReferralLevel) -> Row:
        shares = (Value(each.shares[severity], each.intervals.get(severity)) for severity in (MALIGNANT, BENIGN))
        return (
            each.name,
            "" if each.target is None else f"{each.target:.0%} of {' and '.join(reversed(each.sought))}",
            Value(each.threshold, scale=1, decimals=3),
            Value(each.share),
            *(each.counts[severity] for severity in reversed(SEVERITIES)),
            *shares,
            Value(each.benign_per_malignant, scale=1),
        )

    header = (
        *("refer", "chosen for", "threshold", "of all %"),
        *reversed(SEVERITIES),
        *("of malignant %", "of benign %", "benign for each"),
    )
    heading = "Refer now, soon or not: chosen on the validation part, told on the test part"
    return Table("referral", heading, header, tuple(map(row, referral)), keys=2)
