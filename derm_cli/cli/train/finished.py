"""What ``derm train`` prints of the run that it has finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.cli.shared.endings import print_ending
from derm_cli.cli.shared.printing import echo, echo_json
from derm_cli.errors import one_line

if TYPE_CHECKING:
    from derm_cli.runs.folder import RunFolder
    from derm_cli.runs.record import RunRecord


def print_run(run: RunFolder, as_json: bool, note: str | None, *, opens: bool) -> None:
    """Print what a finished run is worth, a note, where the time went, and what comes next; or all of it as JSON."""
    from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation

    record = run.record
    if as_json:
        shown = {"run": run.id, "path": str(run.path), "seconds_training": record.seconds_training}
        echo_json(shown | {"evaluation": stored_evaluation(run), "note": note})
        return
    from derm_cli.cli.shared.printing import print_run_summary

    print_run_summary(run)
    answers = stored_evaluation(run).get("answers", {})
    if "figures" in answers:
        from derm_cli.evaluation.answers_value import answers_sentence

        echo(f"\n{answers_sentence(answers)}")
    if note:
        echo(one_line(note))
    echo(f"\nRun {run.id} in {one_line(str(run.path))} ({_time_spent(record)})")
    for line in _notes_on_computing(record):
        echo(one_line(line))
    # What reads vectors cannot be exported.
    vectors = run.plan.preprocessing.vector
    step = f"predict {run.argument} IMAGE --features FILE" if vectors else f"export {run.argument} --tflite"
    print_ending(run, step, opens=opens)


def _time_spent(record: RunRecord) -> str:
    seconds = record.seconds or {}
    return (
        f"{record.seconds_training:.0f} s of training: compiled {seconds['compiling']:.0f} s, stepped "
        f"{seconds['stepping']:.0f} s"
    )


def _notes_on_computing(record: RunRecord) -> list[str]:
    """Return sentences on what of the run was not computed in it, and on what its precision changed."""
    lines = [
        f"Stage {stage.name} came from the stage store: run {stage.run} trained it."
        for stage in record.stages
        if stage.is_from_store
    ]
    precision = record.precision
    if precision and precision.trained != "float32":
        lines.append(
            f"Trained in {precision.trained}, stored and evaluated in float32: on the test photographs no "
            f"probability differs by more than {precision.max_difference:.2g}, and {precision.agreement:.1%} of "
            "the answers are the same."
        )
    return lines
