"""A judgement as sheets: tables of text and figures that know nothing of terminals, CSV, LaTeX or HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.coarse import Coarse
from derm_cli.evaluation.metrics.conformal import ConformalSets
from derm_cli.evaluation.metrics.figures import ClassFigures, Evaluation
from derm_cli.evaluation.metrics.referral import ReferralLevel
from derm_cli.evaluation.metrics.slicing import Slice
from derm_cli.evaluation.metrics.triage import Binary, OperatingPoint, Triage
from derm_cli.evaluation.resampling import Interval
from derm_cli.taxonomy import BENIGN, MALIGNANT, SEPARATOR, SEVERITIES


@dataclass(frozen=True)
class Figure:
    """A figure as it is shown: ``value`` times ``scale`` with ``decimals``; None is undefined, never a zero."""

    value: float | None
    interval: Interval | None = None
    scale: float = 100.0
    decimals: int = 1

    def number(self, value: float) -> str:
        """Return a value, the figure's own or an end of its interval, as text."""
        # Plus 0.0: a little below zero is no '-0.0'.
        return f"{round(self.scale * value, self.decimals) + 0.0:.{self.decimals}f}"


Cell = str | int | Figure
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """A table: ``name`` for programs, ``title`` for people, the columns' headings, and the rows.

    The first ``keys`` columns tell which row it is.
    """

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    keys: int = 1


OF_CLASS = {
    "sensitivity %": "sensitivity",
    "specificity %": "specificity",
    "PPV %": "precision",
    "NPV %": "npv",
    "F1 %": "f1",
    "AUC %": "auc",
    "AP %": "average_precision",
}
"""How a figure of a class is headed, and its name in :class:`ClassFigures`."""
OVERALL = {
    "accuracy %": "accuracy",
    "balanced accuracy %": "balanced_accuracy",
    "weighted F1 %": "weighted_f1",
    "macro F1 %": "macro_f1",
    "Cohen's kappa": "kappa",
    "Matthews correlation": "mcc",
    "AUC, mean of the classes %": "auc",
    "top-3 accuracy %": "top3",
}
"""The figures over all classes, likewise, with the names of :class:`Evaluation`."""
MAY_BE_CHANCE = "may be chance"
MOST_PROBABLE = "most probable class"
_POINT = {"sensitivity %": "sensitivity", "specificity %": "specificity", "PPV %": "precision", "NPV %": "npv"}


def sheets_of(judgement: Judgement) -> Iterator[Sheet]:
    """Yield every sheet that a judgement has something for."""
    yield per_class_sheet(judgement.evaluation)
    yield overall_sheet(judgement.evaluation)
    if judgement.coarse is not None:
        yield coarse_sheet(judgement.coarse)
    if judgement.triage is not None:
        yield from triage_sheets(judgement.triage)
    if judgement.referral:
        yield referral_sheet(judgement.referral)
    if judgement.calibration is not None:
        yield calibration_sheet(judgement)
    if judgement.conformal is not None:
        yield conformal_sheet(judgement.conformal)
    if judgement.abstention:
        yield abstention_sheet(judgement)
    if judgement.slices:
        yield slices_sheet(judgement.slices)


def per_class_sheet(evaluation: Evaluation) -> Sheet:
    """Return a row a class: its cases, and its shares in percent."""

    def figures(each: ClassFigures) -> Row:
        return tuple(Figure(getattr(each, name), each.intervals.get(name)) for name in OF_CLASS.values())

    rows = tuple((name, each.support, *figures(each)) for name, each in evaluation.per_class.items())
    return Sheet("classes", "Each class against all others", ("class", "cases", *OF_CLASS), rows)


def overall_sheet(evaluation: Evaluation) -> Sheet:
    """Return a row a figure over all classes."""
    rows = [
        (title, _plain(getattr(evaluation, name), evaluation.intervals.get(name), title))
        for title, name in OVERALL.items()
    ]
    return Sheet("overall", "All classes together", ("overall", "value"), tuple(rows))


def coarse_sheet(coarse: Coarse) -> Sheet:
    """Return a row a coarse diagnosis: its classes, its shares, and what it was taken for most often."""
    evaluation, shares = coarse.evaluation, ("sensitivity", "specificity", "precision")
    titles = {name: name.rpartition(SEPARATOR)[2] for name in coarse.members}

    def mistaken(place: int) -> str:
        row = evaluation.counts[place].copy()
        row[place] = 0
        most = int(row.argmax())
        return f"{titles[evaluation.classes[most]]} ({row[most]})" if row[most] else ""

    rows: tuple[Row, ...] = tuple(
        (
            titles[name],
            ", ".join(coarse.members[name]),
            each.support,
            *(Figure(getattr(each, share), each.intervals.get(share)) for share in shares),
            mistaken(place),
        )
        for place, (name, each) in enumerate(evaluation.per_class.items())
    )
    header = ("coarse diagnosis", "classes", "cases", "sensitivity %", "specificity %", "PPV %", "most often taken for")
    return Sheet("coarse", "Coarse diagnoses: the second level of the ISIC hierarchy", header, rows)


def referral_sheet(referral: tuple[ReferralLevel, ...]) -> Sheet:
    """Return a row a level: now, soon, no, with what its threshold costs."""

    def row(each: ReferralLevel) -> Row:
        shares = (Figure(each.shares[severity], each.intervals.get(severity)) for severity in (MALIGNANT, BENIGN))
        return (
            each.name,
            "" if each.target is None else f"{each.target:.0%} of {' and '.join(reversed(each.sought))}",
            Figure(each.threshold, scale=1, decimals=3),
            Figure(each.share),
            *(each.counts[severity] for severity in reversed(SEVERITIES)),
            *shares,
            Figure(each.benign_per_malignant, scale=1),
        )

    header = (
        *("refer", "chosen for", "threshold", "of all %"),
        *reversed(SEVERITIES),
        *("of malignant %", "of benign %", "benign for each"),
    )
    heading = "Refer now, soon or not: chosen on the validation part, told on the test part"
    return Sheet("referral", heading, header, tuple(map(row, referral)), keys=2)


def triage_sheets(triage: Triage) -> Iterator[Sheet]:
    """Yield the severities' confusion, both ways to ask who must be found, and what each threshold costs."""
    rows: tuple[Row, ...] = tuple(
        (f"truly {name}", *map(int, counts)) for name, counts in zip(SEVERITIES, triage.counts, strict=True)
    )
    header = ("cases", *(f"said {name}" for name in SEVERITIES))
    yield Sheet("severities", "Benign, indeterminate, malignant: by the top of the ISIC hierarchy", header, rows)
    sides = {
        "malignant against benign": triage.without_indeterminate,
        "malignant or indeterminate against benign": triage.with_indeterminate,
    }
    known = {title: side for title, side in sides.items() if side is not None}
    if known:
        rows = tuple(
            (title, side.cases, side.positives, Figure(side.auc, side.auc_interval)) for title, side in known.items()
        )
        yield Sheet("triage", "Who must be found", ("question", "cases", "to be found", "AUC %"), rows)
    for place, (title, side) in enumerate(known.items()):
        yield _points_sheet(f"thresholds{place + 1}", title, side)


def _points_sheet(name: str, title: str, side: Binary) -> Sheet:
    def row(point: OperatingPoint) -> Row:
        shares = (Figure(getattr(point, each), point.intervals.get(each)) for each in _POINT.values())
        rule = MOST_PROBABLE if point.target is None else f"chosen for {point.target:.0%}"
        return (
            rule,
            Figure(point.threshold, scale=1, decimals=3),
            *shares,
            Figure(point.referred),
            point.missed,
            point.unneeded,
        )

    header = ("referred by", "threshold", *_POINT, "referred %", "missed", "referred in vain")
    chosen = ", thresholds chosen on the validation part, told on the test part" if side.points else ""
    heading = f"What it costs to find them, {title}{chosen}"
    return Sheet(name, heading, header, tuple(map(row, (side.as_said, *side.points))))


def calibration_sheet(judgement: Judgement) -> Sheet:
    """Return how far probabilities can be believed."""
    found = judgement.calibration
    assert found is not None
    rows: tuple[Row, ...] = (
        ("expected calibration error %", Figure(found.ece)),
        ("Brier score, 0 to 2", Figure(found.brier, found.intervals.get("brier"), scale=1, decimals=4)),
        ("log loss, nats", Figure(found.log_loss, found.intervals.get("log_loss"), scale=1, decimals=4)),
    )
    return Sheet("calibration", "Whether a probability means what it says", ("calibration", "value"), rows)


def conformal_sheet(sets: ConformalSets) -> Sheet:
    """Return coverage and size of the prediction sets, by class."""
    rows = [("all", Figure(sets.coverage, sets.coverage_interval), Figure(sets.size, scale=1, decimals=2))]
    for name, coverage in sets.coverage_by_class.items():
        size = Figure(sets.size_by_class[name], scale=1, decimals=2)
        rows.append((name, Figure(coverage, sets.intervals_by_class.get(name)), size))
    heading = (
        f"Prediction sets: every class of {sets.threshold:.3f} or more, chosen on {sets.chosen_on} validation "
        f"photographs to hold the true one in {sets.target:.0%}"
    )
    return Sheet("conformal", heading, ("class", "coverage %", "classes in a set"), tuple(rows))


def abstention_sheet(judgement: Judgement) -> Sheet:
    """Return how those fare that are left when the least confident ones go to a person."""
    rows = tuple(
        (
            Figure(each.answered, decimals=0),
            Figure(each.confidence, scale=1, decimals=3),
            Figure(each.accuracy),
            Figure(each.balanced_accuracy),
        )
        for each in judgement.abstention
    )
    header = ("answered %", "least confidence", "accuracy %", "balanced accuracy %")
    return Sheet("abstention", "When the least confident go to a person", header, rows)


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


def paper_sheets(evaluation: Evaluation, name: str) -> Iterator[Sheet]:
    """Yield the form of the paper's tables (Nedelcu et al. 2021): IV over all classes, V and VI by class.

    The paper prints 0.00 for the precision of a class that was never predicted; here it is undefined.
    """
    overall = ("accuracy", "weighted_f1", "macro_f1")
    total: Row = (name, *(_hundredths(getattr(evaluation, each)) for each in overall))
    yield Sheet("table4", "As the paper's table IV", ("strategy", "accuracy", "weighted F1", "F1"), (total,))
    shares = ("sensitivity", "precision", "f1")
    rows: tuple[Row, ...] = tuple(
        (label, each.support, *(_hundredths(getattr(each, share)) for share in shares))
        for label, each in evaluation.per_class.items()
    )
    header = ("class", "test cases", "sensitivity", "precision", "F1")
    yield Sheet("table5", "As the paper's tables V and VI", header, rows)


def _hundredths(share: float | None) -> Figure:
    return Figure(share, decimals=2)


def _plain(value: float | None, interval: Interval | None, title: str) -> Figure:
    return Figure(value, interval) if title.endswith("%") else Figure(value, interval, scale=1, decimals=3)
