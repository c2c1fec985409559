"""All that is known of one run: ``derm runs show``."""

from __future__ import annotations

from typing import Any

from derm_cli.runs.folder import RunFolder


def show_run(run: RunFolder) -> dict[str, Any]:
    """Return all that run.json says, the run's status as it is now, and its evaluation where it is finished."""
    from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation

    shown = {"id": run.id, "path": str(run.path), **run.record.to_json(), "status": run.status}
    return shown | ({"evaluation": stored_evaluation(run)} if run.finished else {})
