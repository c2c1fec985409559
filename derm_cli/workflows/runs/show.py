"""All that is known of one run: ``derm runs show``."""

from __future__ import annotations

from typing import Any

from derm_cli.runs.folder import RunFolder


def show_run(run: RunFolder) -> dict[str, Any]:
    """Return all that run.json says, the run's status as it is now, and its evaluation where it is finished."""
    from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation
    from derm_cli.workflows.evaluating.without_test import substitute_for_test

    shown = {"id": run.id, "path": str(run.path), **run.record.to_json(), "status": run.status}
    if not run.finished:
        return shown
    evaluation = stored_evaluation(run)
    if not run.plan.keeps_test_part:
        # The plan may have been cross-validated since the run was finished.
        found = substitute_for_test(run)
        evaluation["cross_validation"] = found.to_json() if found else None
    return shown | {"evaluation": evaluation}
