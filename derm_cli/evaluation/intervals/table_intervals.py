"""The intervals of the metrics of one table, and why those that are not given are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from derm_cli.evaluation.array_types import Flags, Floats, Indices
from derm_cli.evaluation.grouping import SINGULAR, counted
from derm_cli.evaluation.intervals.effective_cases import (
    WEIGHT,
    Drawn,
    Estimate,
    Sample,
    design_effect,
    drawn_to,
    score_interval,
    share_interval,
)
from derm_cli.evaluation.intervals.fewest import FEWEST_OF_A_MEAN, FEWEST_OF_MACRO_F1
from derm_cli.evaluation.intervals.influence import Influence, MeanInfluence
from derm_cli.evaluation.intervals.jaccard import f1_of, f1_slope
from derm_cli.evaluation.intervals.ranking_variance import auc_interval, auc_variance, precision_interval
from derm_cli.evaluation.intervals.resampling import Interval, Intervals
from derm_cli.evaluation.intervals.table_influences import OVERLAP, SHARES, ClassEstimates, TableInfluences
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS
from derm_cli.evaluation.predictions import Predictions

MEANS = {"balanced_accuracy": "sensitivity", "macro_f1": "f1", "auc": "auc"}
"""The metrics over all classes that are means of a metric of each."""
UNDEFINED = Estimate(np.nan, 0.0)
OF_A_MIX = ("precision", "npv")
"""Shares that depend on how frequent the class is."""


@dataclass(frozen=True)
class Given:
    """The intervals that are given, by metric, and of those that are not, why."""

    intervals: Intervals = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)

    def add(self, metric: str, given: Interval | str | None) -> None:
        """Add the interval of a metric, or why it has none; nothing of one that is undefined."""
        if isinstance(given, Interval):
            self.intervals[metric] = given
        elif given is not None:
            self.withheld[metric] = given


@dataclass(frozen=True)
class TableIntervals:
    """The intervals of one table: by class, and over all classes."""

    by_class: dict[str, Given] = field(default_factory=dict)
    overall: Given = field(default_factory=Given)

    def of_class(self, name: str) -> Given:
        """Return those of a class, none where no intervals are asked for."""
        return self.by_class.get(name, Given())


def table_intervals(predictions: Predictions, groups: Indices, within_top: Floats | None, word: str) -> TableIntervals:
    """Return the intervals of every metric of a table.

    ``groups`` (n,) tell which cases are of one patient, ``word`` what the groups are called; ``within_top`` has 1 for
    the cases whose class is among the most probable, (n,), and is None where that is not asked.
    """
    table = TableInfluences(predictions, groups)
    means = {metric: MeanInfluence(table.count) for metric in MEANS.values()}
    classes = [table.class_estimates(class_index, means) for class_index in range(len(predictions.classes))]
    everyone = Sample.of(table.sizes)
    by_class = {each.name: class_intervals(each, everyone, word) for each in classes}
    return TableIntervals(by_class, overall_intervals(table, classes, means, within_top, word))


def withheld_notes(given: TableIntervals) -> Iterator[str]:
    """Yield sentences on the metrics that have no interval, and why: one for all classes of which the same is true.

    One alone where the whole table is too small.
    """
    reasons = set(given.overall.withheld.values())
    if len(reasons) == 1 and not given.overall.intervals:
        yield f"{reasons.pop()}."
        return
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name, of_class in given.by_class.items():
        for why in dict.fromkeys(of_class.withheld.values()):
            metrics = tuple(CLASS_METRICS[each].title for each, own in of_class.withheld.items() if own == why)
            alike.setdefault((why, metrics), []).append(f"'{name}'")
    for (why, metrics), names in alike.items():
        yield f"{why} of {', '.join(metrics)} of {', '.join(names)}."
    for why in dict.fromkeys(given.overall.withheld.values()):
        metrics = tuple(OVERALL_METRICS[each].title for each, own in given.overall.withheld.items() if own == why)
        yield f"{why} of {', '.join(metrics)}."


def class_intervals(of_class: ClassEstimates, everyone: Sample, word: str) -> Given:
    """Return the intervals of the metrics of one class against all others; groups are called ``word``.

    ``everyone`` are all cases of the table.
    """
    given, estimates, samples = Given(), of_class.estimates, of_class.samples
    sides = of_class.positives, of_class.negatives
    of_others = " of other classes"
    mixed = everyone.side_mixed_too_little(sides[0].cases, word, ("", of_others))
    for metric in SHARES:
        share = _of_share(estimates[metric], samples[metric], word)
        given.add(metric, mixed if mixed and metric in OF_A_MIX and isinstance(share, Interval) else share)
    overlap = _of_share(estimates[OVERLAP], samples[OVERLAP], word)
    if isinstance(overlap, Interval):
        given.add("f1", mixed or _f1_of_overlap(overlap, estimates["f1"].value))
    else:
        given.add("f1", overlap)
    auc, precision = (estimates.get(metric) for metric in ("auc", "average_precision"))
    if auc is not None and precision is not None and not _is_constant(auc):
        why = sides[0].too_few(word) or sides[1].too_few(word, of_others)
        given.add("auc", why or auc_interval(auc, *sides))
        given.add("average_precision", why or mixed or precision_interval(precision, *sides))
    return given


def overall_intervals(
    table: TableInfluences,
    classes: Sequence[ClassEstimates],
    means: dict[str, MeanInfluence],
    within_top: Floats | None,
    word: str,
) -> Given:
    """Return the intervals of the metrics over all classes.

    ``means`` has the means over the classes of sensitivity, F1 and AUC, ``within_top`` the cases whose class is among
    the most probable, (n,), None where that is not asked.
    """
    given, everyone = Given(), Sample.of(table.sizes)
    most = max(classes, key=lambda each: each.positives.cases)
    mixed = everyone.mixed_too_little(most.negatives.cases, word, f" of other classes than '{most.name}'")
    hits: dict[str, Flags | Floats | None] = {"accuracy": table.correct, "top3": within_top}
    too_few = everyone.too_few(word)
    for metric, each in hits.items():
        if each is not None:
            given.add(metric, too_few or mixed or share_interval(*table.share(each)))
    for metric, of_class in MEANS.items():
        parts = [each for each in classes if not np.isnan(each.estimates.get(of_class, UNDEFINED).value)]
        mean = Estimate.of(means[of_class].mean)
        if parts and not (metric == "auc" and _is_constant(mean)):
            of_mean = _of_macro_f1(mean, parts, everyone, word) if of_class == "f1" else None
            given.add(metric, too_few or of_mean or _of_mean(mean, of_class, parts, everyone, word))
    others = {"weighted_f1": table.weighted_f1(means["f1"]), **table.coefficients()}
    for metric, influence in others.items():
        given.add(
            metric, too_few or mixed or _plain(influence, everyone, lowest=0.0 if metric == "weighted_f1" else -1.0)
        )
    return given


def balanced_accuracy_interval(truth: Indices, correct: Flags, groups: Indices) -> Interval | None:
    """Return the 95 % interval of the balanced accuracy of cases, None of too few.

    ``truth``, ``correct`` and ``groups`` (n,) are each case's class, whether it is right, and its patient's number.
    """
    _, groups = np.unique(groups, return_inverse=True)

    def counted_by_group(cases: Flags) -> Floats:
        return np.bincount(groups[cases], minlength=len(sizes)).astype(np.float64)

    sizes = np.bincount(groups).astype(np.float64)
    everyone, mean, classes = Sample.of(sizes), MeanInfluence(len(sizes)), []
    for of_class in np.unique(truth).tolist():
        members = truth == of_class
        share = Influence.of_ratio(counted_by_group(members & correct), counted_by_group(members))
        mean.add(share, 1.0)
        sample = Sample.of(counted_by_group(members))
        classes.append(ClassEstimates("", {"sensitivity": Estimate.of(share)}, {"sensitivity": sample}))
    if everyone.too_few("cases"):
        return None
    given = _of_mean(Estimate.of(mean.mean), "sensitivity", classes, everyone, "cases")
    return given if isinstance(given, Interval) else None


def _is_constant(auc: Estimate) -> bool:
    """Return whether an AUC is that of the same score for every case, of which nothing is uncertain, or of none."""
    return bool(np.isnan(auc.value)) or (auc.value == 0.5 and not auc.squares)


def _of_share(share: Estimate, sample: Sample, word: str) -> Interval | str | None:
    return sample.too_few(word) or share_interval(share, sample) if sample.cases else None


def _f1_of_overlap(overlap: Interval, f1: float) -> Interval:
    """Return the interval of F1 from that of the Jaccard index, of which it is a rising function."""
    low, high = f1_of(overlap.low), f1_of(overlap.high)
    return Interval(min(low, f1), max(high, f1), overlap.method)


def _plain(influence: Influence, everyone: Sample, lowest: float) -> Interval:
    """Return the interval of a metric of all cases, from ``lowest`` to 1, by its variance between patients.

    Where patients have several cases, that is drawn to a share's of cases that resemble each other as is assumed.
    """
    width, each = 1 - lowest, Estimate.of(influence)
    share = (each.value - lowest) / width
    variance = Drawn(each.variance(everyone.equal) / width**2, 1.0, everyone.equal)
    if not everyone.independent and variance.value > 0:
        assumed = share * (1 - share) * everyone.assumed_design / everyone.cases
        variance = drawn_to(assumed, variance.value, WEIGHT, everyone.equal)
    # Without a mistake no variance is seen: then the patients stand as cases.
    effective = share * (1 - share) / variance.value if variance.value > 0 else everyone.equal
    interval = score_interval(share, max(effective, 1.0), variance.freedom(each))
    low, high = (lowest + width * end for end in (interval.low, interval.high))
    return Interval(min(low, each.value), max(high, each.value), interval.method)


def _of_mean(
    mean: Estimate, metric: str, classes: Sequence[ClassEstimates], everyone: Sample, word: str
) -> Interval | str:
    """Return the interval of a mean over classes, whose own variances are those of their intervals.

    What a class with few cases shows of its variance is too little: by what its own has more, the mean's has too.
    The degrees of freedom are Satterthwaite's (Biometrics Bulletin 1946): where most of the variance is that of one
    class of few patients, there are few.
    """
    fewest = min(classes, key=lambda each: each.positives.groups)
    if fewest.positives.groups < FEWEST_OF_A_MEAN:
        return f"{counted(fewest.positives.groups, word)} of '{fewest.name}': too few for an interval"
    # Half a case more on both sides, where every class is all right or all wrong.
    middle = mean.value if 0 < mean.value < 1 else (mean.value * everyone.cases + 0.5) / (everyone.cases + 1)
    parts = [_part(each, metric, middle) for each in classes]
    more = sum(max(variance - seen, 0.0) for variance, seen, _ in parts) / len(parts) ** 2
    total = sum(variance for variance, _, _ in parts)
    freedom = total**2 / sum(variance**2 / max(equal - 1, 1.0) for variance, _, equal in parts)
    variance = mean.variance(everyone.equal) + more
    return score_interval(mean.value, middle * (1 - middle) / variance, min(freedom, everyone.equal - 1))


def _of_macro_f1(mean: Estimate, classes: Sequence[ClassEstimates], everyone: Sample, word: str) -> Interval | str:
    """Return the interval of the mean F1, which is too low of few cases: about what it is without that bias."""
    fewest = min(classes, key=lambda each: each.positives.cases)
    typical = int(everyone.typical(fewest.positives.cases) + 0.5)
    if not everyone.independent and typical < FEWEST_OF_MACRO_F1:
        cases = counted(round(fewest.positives.cases), "cases")
        return f"{cases} of '{fewest.name}', where a typical {SINGULAR[word]} has more: too few for an interval"
    bias = sum(each.estimates["f1"].bias for each in classes) / len(classes)
    unbiased = replace(mean, value=min(max(mean.value - bias, 0.0), 1.0))
    given = _of_mean(unbiased, "f1", classes, everyone, word)
    if isinstance(given, str):
        return given
    return replace(given, low=min(given.low, mean.value), high=max(given.high, mean.value))


def _part(of_class: ClassEstimates, metric: str, mean: float) -> tuple[float, float, float]:
    """Return the variance of a class's metric, what of it is seen, and its equal patients.

    An AUC is drawn to the ``mean`` over the classes.  Of a share, half a case more on both sides keeps the variance
    from being nothing where all cases are hits, or none.
    """
    each = of_class.estimates[metric]
    if metric == "auc":
        sides = of_class.positives, of_class.negatives
        return auc_variance(each, *sides, prior=mean, beyond=1.0)[0], each.squares, min(side.equal for side in sides)
    name = OVERLAP if metric == "f1" else metric
    share, sample = of_class.estimates[name], of_class.samples[name]
    middle = (share.value * sample.cases + 0.5) / (sample.cases + 1)
    slope = f1_slope(middle) if metric == "f1" else 1.0
    variance = slope**2 * middle * (1 - middle) * design_effect(share, sample).value / sample.cases
    return variance, each.squares, sample.equal
