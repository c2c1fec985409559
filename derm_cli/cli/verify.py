"""``derm verify``."""

from __future__ import annotations

from pathlib import Path

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.output_files import input_path
from derm_cli.cli.shared.printing import echo, echo_error, echo_json, echo_table


@click.command("verify")
@click.argument("bundle", type=input_path)
@click.option(
    "--runtime",
    "runtimes",
    multiple=True,
    metavar="NAME",
    help="Ask in this runtime alone: litert, onnxruntime, tflite-runtime, mediapipe; repeatable. By default in all.",
)
@click.option(
    "--run",
    metavar="RUN",
    shell_complete=completing(run_ids),
    help="Check it on the test photographs of this run too, beside the run's own model.",
)
@click.option("--photographs", default=128, show_default=True, type=click.IntRange(2), help="With --run: the most.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, bundle: Path, runtimes: tuple[str, ...], run: str | None, photographs: int, *, as_json: bool
) -> None:
    """Prove a bundle: its files, and its answers from the file on.

    BUNDLE is a folder or zip that derm export --bundle wrote; it may be a stranger's, and no code of it is run.  Each
    model is asked about the test vectors inside, in each runtime.  tflite-runtime and mediapipe get environments of
    their own in the cache.  The exit status is 1 where anything is amiss.
    """
    from derm_cli.workflows.verify import verify

    here = session(ctx)
    found = verify(here, bundle, runtimes, here.runs.find(run) if run else None, photographs)
    if as_json:
        echo_json(found.to_json())
    else:
        for note in found.notes:
            echo(note[:1].upper() + note[1:] + ("" if note.endswith(".") else "."))
        rows: list[list[object]] = [
            [
                each.model,
                each.runtime,
                each.source,
                each.photographs,
                f"{each.max_difference:.1e}",
                f"{each.mean_difference:.1e}",
                f"{each.agreement:.1%}",
                _recall(dict(each.recall)),
                "failed" if each.fault else "passed",
            ]
            for each in found.checks
        ]
        header = ["model", "runtime", "on", "files", "largest", "mean", "same answer", "recall", ""]
        if rows:
            echo_table(header, rows, whole=("model",))
    for fault in found.faults:
        echo_error(f"{fault.removesuffix('.')}.")
    for each in found.checks:
        if each.fault:
            worst = f" Worst: {', '.join(each.worst)}." if each.worst else ""
            echo_error(f"{each.model} in {each.runtime} on {each.source}: {each.fault}.{worst}")
    if not found.passed:
        ctx.exit(1)


def _recall(changes: dict[str, float]) -> str:
    """Return the largest loss of a class's recall, in points, with the class."""
    if not changes:
        return ""
    name = min(changes, key=changes.__getitem__)
    return f"{100 * changes[name]:+.1f} ({name})" if changes[name] else "as before"
