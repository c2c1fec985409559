"""Several classifiers on the same cases as tables: one such as the paper's IV, and what differs from the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from derm_cli.evaluation.grouping import SINGULAR
from derm_cli.evaluation.intervals.simultaneous import holm_adjusted
from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.metrics.metric_table import CLASS_METRICS, OVERALL_METRICS
from derm_cli.evaluation.metrics.paired import PairedComparison
from derm_cli.evaluation.metrics.paired_metrics import MetricDifference
from derm_cli.evaluation.reporting.tables.classes import metric_cells
from derm_cli.evaluation.reporting.tables.table import Number, PValue, Row, Table

OVERALL = tuple(OVERALL_METRICS[name] for name in ("accuracy", "weighted_f1", "macro_f1", "balanced_accuracy", "auc"))
"""What classifiers are compared by, in the order of the paper."""


def comparison_tables(
    evaluations: Mapping[str, Evaluation], comparisons: Mapping[str, PairedComparison]
) -> Iterator[Table]:
    """Yield a row a classifier, then for each but the first how it differs from the first, and in which class."""
    metrics = [
        metric for metric in OVERALL if any(getattr(each, metric.name) is not None for each in evaluations.values())
    ]
    rows: tuple[Row, ...] = tuple((name, *metric_cells(each, metrics)) for name, each in evaluations.items())
    header = ("run", *(metric.heading for metric in metrics))
    yield Table("comparison", "Overall metrics of each on the same test photographs", header, rows)
    first = next(iter(evaluations))
    p_values = [each.p_value for each in comparisons.values()]
    # In the order of the longest: where one table lacks probabilities, its AUC is unknown.
    compared = max((tuple(_differences(each.overall)) for each in comparisons.values()), key=len)
    rows = tuple(
        (
            name,
            *(_differences(each.overall).get(metric, Number(None)) for metric in compared),
            each.only_first,
            each.only_second,
            PValue(each.p_value),
            # Of one test alone it would be the same again.
            *([PValue(adjusted)] if len(p_values) > 1 else []),
        )
        for (name, each), adjusted in zip(comparisons.items(), holm_adjusted(p_values), strict=True)
    )
    by = next((SINGULAR[each.test] for each in comparisons.values() if each.test != "mcnemar"), None)
    tests = (f"p by {by}" if by else "McNemar's p", *(["p, all together"] if len(p_values) > 1 else []))
    titles = (OVERALL_METRICS[metric].title for metric in compared)
    header = ("run", *titles, f"right: {first} alone", "right: it alone", *tests)
    yield Table("differences", f"Paired differences, points more than {first}", header, rows)
    for number, (name, each) in enumerate(comparisons.items(), start=1):
        rows = tuple((label, *_differences(differences).values()) for label, differences in each.per_class.items())
        titles = (CLASS_METRICS[difference.name].title for difference in next(iter(each.per_class.values())))
        title = f"Paired differences by class, points more than {first}: {name}"
        yield Table(f"changes{number}", title, ("class", *titles), rows)


def _differences(differences: Iterable[MetricDifference]) -> dict[str, Number]:
    return {each.name: Number(each.difference, each.interval) for each in differences}
