"""A line for each run: ``derm runs list``."""

from __future__ import annotations

from typing import Any

from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.session import Session


def list_runs(session: Session) -> list[dict[str, Any]]:
    """Return a line for each run, the oldest first; a run whose record cannot be read says so and hides no other."""
    chosen = session.runs.chosen
    return [_line(run, chosen) for run in session.runs.all()]


def _line(run: RunFolder, chosen: RunFolder | None) -> dict[str, Any]:
    line: dict[str, Any] = {"id": run.id, "chosen": run == chosen}
    try:
        record = run.record
        line |= {
            "status": run.status,
            "backbone": record.request["backbone"],
            "chain": ",".join(record.request["chain"]),
            "strategy": record.request["strategy"],
            "synthetic": record.synthetic,
        }
        if run.finished:
            from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation

            from_store = [stage for stage in record.stages if stage.is_from_store]
            line |= {"stages": len(record.stages), "stages_from_store": len(from_store)}
            evaluation = stored_evaluation(run)
            line["tested"] = evaluation["cases"] > 0
            line |= {name: evaluation[name] for name in ("balanced_accuracy", "weighted_f1", "macro_f1")}
    except (DermError, KeyError, TypeError) as error:
        line |= {"status": "damaged", "reason": str(error)}
    return line
