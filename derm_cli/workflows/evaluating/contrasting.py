"""Runs against each other on the same test photographs: ``derm runs compare``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from derm_cli.errors import RequestError
from derm_cli.evaluation.metrics.figures import Evaluation, evaluate
from derm_cli.evaluation.metrics.pairing import Pairing, pair
from derm_cli.evaluation.resampling import DRAWS
from derm_cli.evaluation.showing.comparison_sheets import comparison_sheets
from derm_cli.evaluation.showing.sheets import Sheet
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.evaluate import is_made, predictions_of_run


@dataclass(frozen=True)
class Contrast:
    """Runs judged on the same cases, and how each but the first differs from the first."""

    evaluations: dict[str, Evaluation]
    pairings: dict[str, Pairing]
    made: bool

    def sheets(self) -> list[Sheet]:
        """Return a row a run, then the differences."""
        return list(comparison_sheets(self.evaluations, self.pairings))

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values."""
        return {
            "runs": {name: each.to_json() for name, each in self.evaluations.items()},
            "differences": {name: each.to_json() for name, each in self.pairings.items()},
            "synthetic": self.made,
        }


def contrast(runs: list[RunFolder], draws: int = DRAWS, seed: int = 0) -> Contrast:
    """Judge finished runs on their test photographs, and pair each with the first.

    Raises DermError where their cases, labels or classes differ, and RequestError where a run is named twice.
    """
    ids = [run.id for run in runs]
    for each in ids:
        if ids.count(each) > 1:
            raise RequestError(f"Run '{each}' is named twice: name runs that differ.")
    tables = {run.id: predictions_of_run(run)[0] for run in runs}
    first = ids[0]
    pairings = {each: pair(tables[first], tables[each], (first, each), draws, seed) for each in ids[1:]}
    evaluations = {each: evaluate(table, draws, seed) for each, table in tables.items()}
    return Contrast(evaluations, pairings, any(map(is_made, runs)))
