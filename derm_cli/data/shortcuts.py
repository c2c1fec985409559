"""Shortcuts: answers whose absence, or whose use, tells how the label came about, and nothing of the lesion.

A clinic that asks for the sex of those whom it biopsies tells a malignant lesion from a benign one by whether the
answer is filled in.  A classifier learns that at once, and it holds nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from derm_cli.plugin import MetadataField
from derm_cli.taxonomy import BENIGN, MALIGNANT, class_severity, severity_of

if TYPE_CHECKING:
    from derm_cli.data.records import Records

DRAWS, FEWEST_DRAWS, SEED = 1000, 100, 0
MOST_DRAWN = 3_000_000
"""Of this many patients in all draws together, there are fewer draws: the interval is narrow then."""
LEVEL = 0.95
TELLS = 0.6
"""The AUC of missingness alone above which a field is a shortcut, if the whole interval lies above it.

In simulations with 60 patients or more, answers that are missing at random pass it in 0.3 % of fields at most (2 %
with 13 classes of five patients); those that are missing in half of the benign cases and in no malignant one (AUC .75)
pass it in nine of ten with 60 patients, in all with 150.
"""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Missingness:
    """What whether a field is filled in, and nothing else, tells of the label.

    ``missing`` is the share of the cases without an answer.  ``severity`` is the AUC for malignant against benign, and
    ``classes`` the mean AUC of each class against all others, both in 0.5..1 and None where they are not defined; with
    each goes its 95 % interval by the bootstrap of whole patients.
    """

    missing: float
    severity: float | None = None
    severity_interval: tuple[float, float] | None = None
    classes: float | None = None
    classes_interval: tuple[float, float] | None = None

    @property
    def tells(self) -> bool:
        """Whether one of the two intervals lies above :data:`TELLS`."""
        return any(each is not None and each[0] > TELLS for each in (self.severity_interval, self.classes_interval))

    @property
    def text(self) -> str:
        """The larger of the two AUCs with its interval, in words."""
        figures = (
            ("malignant from benign", self.severity, self.severity_interval),
            ("the classes apart", self.classes, self.classes_interval),
        )
        what, auc, interval = max(figures, key=lambda each: each[2][0] if each[2] else 0.0)
        assert auc is not None
        assert interval is not None
        return f"whether it is filled in tells {what} (AUC {_auc(auc)}, {_auc(interval[0])} to {_auc(interval[1])})"


@dataclass(frozen=True)
class Shortcut:
    """A field that must not be an answer, and ``reason``, a clause that says why."""

    field: MetadataField
    reason: str


def shortcuts(records: Records, fields: Sequence[MetadataField] | None = None) -> tuple[Shortcut, ...]:
    """Return those of ``fields``, by default all of the dataset's, that are shortcuts."""
    found = []
    for field in records.metadata if fields is None else fields:
        if field.tells_label:
            found.append(Shortcut(field, "it is known only because of how the diagnosis was made"))
        elif (missingness := missingness_of(records, field.name)).tells:
            found.append(Shortcut(field, missingness.text))
    return tuple(found)


def missingness_of(records: Records, name: str) -> Missingness:
    """Return what the missingness of a column of the records tells of their labels."""
    frame = records.frame
    known = frame[name].notna().to_numpy()
    if known.all() or not known.any():
        return Missingness(float(1 - known.mean()) if len(known) else 0.0)
    severities = _severities(records)
    one_against_others = [
        (positive, ~positive)
        for positive in (frame["label"].to_numpy() == each.name for each in records.classes)
        if positive.any() and not positive.all()
    ]
    groups = _groups(frame)
    severity = _mean_auc(known, [(severities == MALIGNANT, severities == BENIGN)], groups)
    classes = _mean_auc(known, one_against_others, groups)
    return Missingness(float(1 - known.mean()), *severity, *classes)


def _severities(records: Records) -> npt.NDArray[np.str_]:
    """Return the severity of each record's diagnosis, else of its class, '' where neither is known."""
    of_class = {each.name: class_severity(each) or "" for each in records.classes}
    diagnoses = records.frame["diagnosis"].fillna("").astype(str)
    of_diagnosis = {each: severity_of(each) or "" for each in diagnoses.unique()}
    pairs = zip(diagnoses, records.frame["label"], strict=True)
    return np.array([of_diagnosis[diagnosis] or of_class.get(label, "") for diagnosis, label in pairs], dtype=np.str_)


def _groups(frame: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return a number for the patient of each record, else for its lesion, else one of its own."""
    cases = pd.Series([f"case {row}" for row in range(len(frame))], index=frame.index, dtype=object)
    for column in ("lesion", "patient"):
        if column in frame:
            cases = (f"{column} " + frame[column].astype(str)).where(frame[column].notna(), cases)
    return np.asarray(pd.factorize(cases)[0], dtype=np.intp)


def _mean_auc(
    known: Flags, sides: Sequence[tuple[Flags, Flags]], groups: npt.NDArray[np.intp]
) -> tuple[float | None, tuple[float, float] | None]:
    """Return the mean over ``sides`` of the AUC by which ``known`` tells one from the other, with its interval.

    Of a score with two values the AUC is a half more than half the difference of the shares that have it.  Which of
    them is the higher is settled once, not in each draw: else chance alone would tell something in every draw.
    """
    sides = [side for side in sides if side[0].any() and side[1].any()]
    if not sides:
        return None, None
    cells = [(side, side & known) for pair in sides for side in pair]
    aucs = []
    sums = iter(_in_draws(np.stack([each for pair in cells for each in pair], axis=1), groups).T)
    for cases, of_known, others, of_known_others in zip(*[sums] * 4, strict=True):
        difference = _share(cases, of_known) - _share(others, of_known_others)
        aucs.append(0.5 + 0.5 * difference * (1 if difference[0] >= 0 else -1))
    # A draw without a case of one side tells nothing: it counts as one in which nothing is told.
    value, *draws = np.nan_to_num(np.stack(aucs), nan=0.5).mean(axis=0).tolist()
    low, high = np.quantile(draws, ((1 - LEVEL) / 2, (1 + LEVEL) / 2)).tolist()
    return value, (low, high)


def _in_draws(cells: Flags, groups: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Return how many records of each column of ``cells`` (n, m) each draw of groups has, (1 + draws, m).

    The first has each group once; the same for the same groups.
    """
    count = int(groups.max()) + 1
    of_group = np.stack([np.bincount(groups, column, minlength=count) for column in cells.T], axis=1)
    generator = np.random.default_rng(SEED)
    sums = [of_group.sum(axis=0)]
    for _ in range(max(FEWEST_DRAWS, min(DRAWS, MOST_DRAWN // count))):
        times_drawn = np.bincount(generator.integers(count, size=count), minlength=count)
        sums.append(times_drawn @ of_group)
    return np.stack(sums)


def _share(cases: npt.NDArray[np.float64], known: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the share of the ``cases`` that are ``known``, in each draw; NaN without a case."""
    return np.asarray(np.divide(known, cases, out=np.full_like(cases, np.nan), where=cases > 0))


def _auc(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")
