"""Sentences about a run that kept nobody for a test: for its record, its page, and commands that need a test."""

from __future__ import annotations

from derm_cli.errors import DermError
from derm_cli.runs.folder import RunFolder


def nobody_kept(run: RunFolder) -> str:
    """Return the sentence that a run kept nobody for a test, without its id: evaluations of equal runs are equal."""
    record, target = run.record, run.plan.target
    who = "the members of this ensemble, between them," if record.members else "this model"
    counts = record.splits.get(target)
    but = " but for a validation part" if counts and counts.validation else ""
    return (
        f"Nobody was kept for a test: {who} learnt from every photograph of '{target}'{but}, so no figure tells how "
        "good it is."
    )


def what_instead(run: RunFolder) -> str:
    """Return the sentence on what can stand in the place of a test."""
    if run.record.members:
        return "In its place: 'derm evaluate RUN --data NAME' on other photographs, or a cross-validation of its plan."
    return (
        "In its place: 'derm evaluate RUN --data NAME' on other photographs, or a cross-validation of the same plan, "
        "which is the command of this run with --folds 5 in the place of --test-share 0."
    )


def require_test_part(run: RunFolder) -> None:
    """Raise DermError where a run kept nobody for a test, with what to do."""
    if not run.plan.keeps_test_part:
        raise DermError(
            f"Run '{run.id}' kept nobody for a test, so it has no answers to be judged or compared: evaluate it on "
            f"other photographs with 'derm evaluate {run.argument} --data NAME', or cross-validate its plan with "
            "--folds 5."
        )
