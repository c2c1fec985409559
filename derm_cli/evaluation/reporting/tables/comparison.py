"""Several classifiers on the same cases as sheets: a table such as the paper's IV, and what differs from the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.metrics.paired import Change, Pairing, holm
from derm_cli.evaluation.reporting.tables.classes import OF_CLASS
from derm_cli.evaluation.reporting.tables.table import Row, Table, Value

OVERALL = {
    "accuracy %": "accuracy",
    "weighted F1 %": "weighted_f1",
    "macro F1 %": "macro_f1",
    "balanced accuracy %": "balanced_accuracy",
    "AUC %": "auc",
}

_TITLES = {name: title.removesuffix(" %") for title, name in {**OVERALL, **OF_CLASS}.items()}


def comparison_sheets(evaluations: Mapping[str, Evaluation], pairings: Mapping[str, Pairing]) -> Iterator[Table]:
    """Yield a row a classifier, then for each but the first how it differs from the first, and in which class."""
    judged = evaluations.values()
    known = {title: name for title, name in OVERALL.items() if any(getattr(each, name) is not None for each in judged)}
    rows: tuple[Row, ...] = tuple(
        (name, *(Value(getattr(each, figure), each.intervals.get(figure)) for figure in known.values()))
        for name, each in evaluations.items()
    )
    yield Table("comparison", "Each on the same test photographs", ("run", *known), rows)
    first = next(iter(evaluations))
    values = [each.mcnemar for each in pairings.values()]
    # In the order of the longest: where one table lacks probabilities, its AUC is unknown.
    points = max((tuple(_named(each.overall)) for each in pairings.values()), key=len)
    rows = tuple(
        (
            name,
            *(_named(each.overall).get(point, Value(None)) for point in points),
            each.only_first,
            each.only_second,
            Value(each.mcnemar, scale=1, decimals=4),
            # Of one test alone it would be the same again.
            *([Value(adjusted, scale=1, decimals=4)] if len(values) > 1 else []),
        )
        for (name, each), adjusted in zip(pairings.items(), holm(values), strict=True)
    )
    tests = ("McNemar's p", *(["p, all together"] if len(values) > 1 else []))
    header = ("run", *(_TITLES[point] for point in points), f"right: {first} alone", "right: it alone", *tests)
    yield Table("differences", f"Points more than {first}, paired", header, rows)
    for place, (name, each) in enumerate(pairings.items()):
        rows = tuple((label, *(_difference(change) for change in changes)) for label, changes in each.per_class.items())
        changed = [_TITLES[change.name] for change in next(iter(each.per_class.values()))]
        yield Table(f"changes{place + 1}", f"Points more than {first}: {name}, by class", ("class", *changed), rows)


def _difference(change: Change) -> Value:
    return Value(change.difference, change.interval)


def _named(changes: Iterable[Change]) -> dict[str, Value]:
    return {change.name: _difference(change) for change in changes}
