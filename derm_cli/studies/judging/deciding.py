"""What a study's data decide, and what they cannot: sentences that say so plainly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from derm_cli.errors import one_line
from derm_cli.evaluation.intervals.simultaneous import holm_adjusted
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.metrics.paired import PairedComparison
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference
from derm_cli.nouns import counted
from derm_cli.studies.judging.answers import RowAnswers, StudyAnswers
from derm_cli.studies.judging.row_names import MOST_NAMED, quoted
from derm_cli.studies.judging.row_spread import deviations_text
from derm_cli.studies.storage.record import SPLITS_OF_SEEDS

DECIDING = ("accuracy", "weighted_f1", "macro_f1")
"""The metrics by which rows are held apart, those of the paper."""
LEVEL = 0.05


def decisions(
    answers: StudyAnswers, comparisons: Mapping[str, PairedComparison], apart: Sequence[str] = ()
) -> list[str]:
    """Return sentences on what is better, worse or undecided, and on what no figure of the study tells.

    ``apart`` names the rows that were tested on other photographs than the reference.
    """
    whole = answers.whole
    sentences = []
    if comparisons:
        reference = one_line(whole[0].name)
        for metric in DECIDING:
            sentences += _by_metric(metric, reference, comparisons)
        sentences += _by_test(reference, comparisons)
    elif len(whole) < 2:
        sentences.append("Fewer than two rows have figures, so nothing is compared.")
    spec = answers.record.spec
    if len(spec.seeds) == 1:
        sentences.append(
            "Each row is trained with one seed: by how much a row would differ if it were trained anew is not known. "
            "Several seeds, as in seeds = [0, 1, 2], tell."
        )
    if comparisons and len(whole[0].trainings) > 1:
        sentences.append(
            f"Differences are of the mean answers of {len(whole[0].trainings)} trainings a row, intervals of the "
            "patients who happened to be there."
        )
    has_splits_of_seeds = answers.record.has_splits_of_seeds
    if whole and (told := deviations_text(spec, has_splits_of_seeds=has_splits_of_seeds)):
        sentences.append(told)
    if whole and has_splits_of_seeds:
        sentences.append(_of_own_splits(whole[0]))
    faults = [each.name for each in answers.rows if each.fault]
    if faults:
        sentences.append(
            f"{len(faults)} of {len(answers.rows)} rows have no figures, and are not judged: {quoted(faults)}."
        )
    if apart:
        sentences.append(
            f"{len(apart)} rows were tested on other photographs or classes than '{one_line(whole[0].name)}', and are "
            f"not compared: {quoted(apart)}."
        )
    if answers.stands_in:
        reference = answers.record.spec.reference
        fault = next(each.fault for each in answers.rows if each.name == reference)
        sentences.append(
            f"The reference '{one_line(reference)}' has no figures, and rows are held against "
            f"'{one_line(answers.stands_in)}' in its place: {one_line(fault).rstrip('.')}."
        )
    return sentences


def _of_own_splits(row: RowAnswers) -> str:
    """Return what it means for the figures that seeds have splits of their own."""
    times = Counter(case for table in row.tables for case in table.case_ids)
    fewer = sum(each < len(row.tables) for each in times.values())
    said = f"In this study {SPLITS_OF_SEEDS}"
    if fewer:
        said += (
            f": of {len(times)} test cases {fewer} have no answer of every seed, so that mean answers are of "
            f"1 to {len(row.tables)} trainings"
        )
    return f"{said}. A study that is begun under another name has one split for all of its seeds."


def _by_metric(metric: str, reference: str, comparisons: Mapping[str, PairedComparison]) -> list[str]:
    """Return which rows differ from the reference by more than chance in a metric, and what is left open."""
    title = OVERALL_METRICS[metric].title
    better: list[tuple[str, MetricDifference]] = []
    worse: list[tuple[str, MetricDifference]] = []
    open_ones: list[tuple[str, MetricDifference | None]] = []
    for name, comparison in comparisons.items():
        difference = next((each for each in comparison.overall if each.name == metric), None)
        if difference is None or difference.interval is None:
            open_ones.append((name, None))
        elif difference.interval.low > 0:
            better.append((name, difference))
        elif difference.interval.high < 0:
            worse.append((name, difference))
        else:
            open_ones.append((name, difference))
    parts = []
    if better:
        parts.append(f"{_are(better)} better than '{reference}': {_named(better)}")
    if worse:
        parts.append(f"{_are(worse)} worse than '{reference}': {_named(worse)}")
    if open_ones:
        widest = max(
            (max(-each.interval.low, each.interval.high) for _, each in open_ones if each and each.interval),
            default=None,
        )
        room = "" if widest is None else f", though differences of up to {100 * widest:.1f} points could be there"
        said = f"{len(open_ones)} of {len(comparisons)} rows cannot be told from"
        if len(open_ones) == len(comparisons):
            said = "no row can be told from"
        parts.append(f"{said} '{reference}'{room}: the data do not decide")
    return [f"By {title}, {'; '.join(parts)}."] if parts else []


def _by_test(reference: str, comparisons: Mapping[str, PairedComparison]) -> list[str]:
    adjusted = holm_adjusted([each.p_value for each in comparisons.values()])
    differing = [name for name, value in zip(comparisons, adjusted, strict=True) if value < LEVEL]
    test = "McNemar's test" if all(each.test == "mcnemar" for each in comparisons.values()) else "the paired test"
    named = quoted(differing) or "none"
    return [
        f"By {test}, with Holm's correction for {counted(len(comparisons), 'comparison')}, {named} "
        f"{'is' if len(differing) < 2 else 'are'} right on another number of cases than '{reference}' by more than "
        "chance."
    ]


def _are(rows: Sequence[object]) -> str:
    return "one row is" if len(rows) == 1 else f"{len(rows)} rows are"


def _named(rows: Sequence[tuple[str, MetricDifference]]) -> str:
    ordered = sorted(rows, key=lambda row: -abs(row[1].difference or 0))
    named = [f"'{one_line(name)}' by {_points(each)}" for name, each in ordered]
    more = [f"and {len(named) - MOST_NAMED} more"] if len(named) > MOST_NAMED else []
    return ", ".join(named[:MOST_NAMED] + more)


def _points(each: MetricDifference) -> str:
    """Return how large a difference is, with its interval, as points without a sign."""
    ends = sorted((abs(each.interval.low), abs(each.interval.high))) if each.interval else []
    interval = f" ({100 * ends[0]:.1f} to {100 * ends[1]:.1f})" if ends else ""
    return f"{100 * abs(each.difference or 0):.1f} points{interval}"
