"""Classifiers against each other on the same test photographs: ``derm runs compare``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derm_cli.errors import RequestError
from derm_cli.evaluation.metrics.classification import Evaluation, evaluate
from derm_cli.evaluation.metrics.paired import PairedComparison, holm, paired_comparison
from derm_cli.evaluation.predictions import Predictions, read_predictions
from derm_cli.evaluation.reporting.tables.comparison import comparison_tables
from derm_cli.evaluation.reporting.tables.table import Table
from derm_cli.evaluation.resampling import DRAWS
from derm_cli.workflows.evaluating.run_evaluation import is_synthetic, predictions_of_run
from derm_cli.workflows.session import Session

TABLE = ".csv"
"""The ending of a predictions table."""


@dataclass(frozen=True)
class Contrast:
    """Classifiers judged on the same cases, and how each but the first differs from the first.

    ``title`` says what they were judged on.
    """

    title: str
    evaluations: dict[str, Evaluation]
    pairings: dict[str, PairedComparison]
    made: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences on what the figures cannot tell."""
        first = next(iter(self.evaluations.values()))
        if first.patients is None:
            return ()
        return (
            f"McNemar's test takes each of {first.cases} photographs for a case of its own; they are of "
            f"{first.patients} patients: go by the intervals.",
        )

    def sheets(self) -> list[Table]:
        """Return a row a classifier, then the differences."""
        return list(comparison_tables(self.evaluations, self.pairings))

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values; ``holm`` are the p-values that hold for all together."""
        adjusted = holm([each.mcnemar for each in self.pairings.values()])
        return {
            "runs": {name: each.to_json() for name, each in self.evaluations.items()},
            "differences": {
                name: each.to_json() | {"holm": value}
                for (name, each), value in zip(self.pairings.items(), adjusted, strict=True)
            },
            "notes": list(self.notes),
            "synthetic": self.made,
        }


def contrast(session: Session, named: Sequence[str], draws: int = DRAWS) -> Contrast:
    """Judge finished runs, or predictions tables of anybody, on their test photographs; pair each with the first.

    A name that ends in ``.csv`` is a table.  Raises DermError where cases, labels or classes differ, and RequestError
    where one is named twice.
    """
    tables: dict[str, Predictions] = {}
    files = [Path(name) for name in named if Path(name).suffix.lower() == TABLE]
    made, title = False, ""
    for name in named:
        if (path := Path(name)) in files:
            # The name alone, where it tells which.
            known = path.name if [each.name for each in files].count(path.name) == 1 else name
            table = read_predictions(path)
        else:
            run = session.runs.find(name)
            known, table = run.id, predictions_of_run(run)[0]
            made, title = made or is_synthetic(run), title or f"Test photographs of {run.plan.target}"
        if known in tables:
            raise RequestError(f"'{known}' is named twice: name what differs.")
        tables[known] = table
    return contrast_tables(tables, title or f"Test photographs of {next(iter(tables))}", draws, made=made)


def contrast_tables(
    tables: Mapping[str, Predictions], title: str, draws: int = DRAWS, seed: int = 0, *, made: bool = False
) -> Contrast:
    """Judge two or more tables, and pair each with the first.  Raises DermError as :func:`contrast` does."""
    first, *others = tables
    pairings = {each: paired_comparison(tables[first], tables[each], (first, each), draws, seed) for each in others}
    evaluations = {each: evaluate(table, draws, seed) for each, table in tables.items()}
    return Contrast(title, evaluations, pairings, made)
