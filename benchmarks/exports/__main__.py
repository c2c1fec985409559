"""``python -m benchmarks.exports``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from benchmarks import machine
from benchmarks.exports.judging import judged
from benchmarks.exports.showing import ShownRun, section
from benchmarks.exports.timing import latency

CALLS = 50
QUANTIZATIONS = ("none", "float16", "dynamic", "int8", "int16x8")
VARIANTS = (*QUANTIZATIONS, "float-input", *(f"{each}-float-input" for each in QUANTIZATIONS[1:]))
NOTES = (
    "Differences and recall are on the test photographs of each run, read from their files, as `derm export` checks "
    "them; recall is the change of each class in points. A file that the gate refuses is measured here, and not "
    "written by `derm export`. Times are of one view of a photograph in LiteRT, on one thread, by `derm benchmark`.",
)


@click.command("benchmarks.exports")
@click.argument(
    "runs",
    nargs=-1,
    required=True,
    metavar="RUN...",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    envvar="DERM_TEST_DATA",
    required=True,
    help="Folder with the datasets.  [required, or DERM_TEST_DATA]",
)
@click.option(
    "--to",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    required=True,
    help="Folder of files and figures; what is there already is not done again.",
)
@click.option("--calls", type=click.IntRange(2), default=CALLS, show_default=True, help="Calls that are timed.")
@click.option("--variant", "variants", multiple=True, type=click.Choice(VARIANTS), help="This alone; repeatable.")
@click.option("--no-timing", is_flag=True, help="Write and judge the files, and leave the times to a later call.")
def main(
    runs: tuple[Path, ...], *, data: Path, to: Path, calls: int, variants: tuple[str, ...], no_timing: bool
) -> None:
    """Write every variant of the TFLite file of each RUN, a run's folder, judge and time it, and print Markdown."""
    for run in runs:
        folder = to / run.name
        folder.mkdir(parents=True, exist_ok=True)
        files = judged(run, folder, variants or VARIANTS, data, to / "cache")
        timed = [None if no_timing else latency(folder / each.variant, calls) for each in files]
        click.echo(f"{section(shown_run(run), [*zip(files, timed, strict=True)])}\n")
    click.echo(" ".join(NOTES))
    click.echo("\nMachine: " + "; ".join(f"{name} {value}" for name, value in machine.facts().items()) + ".")


def shown_run(run: Path) -> ShownRun:
    """Return what the table tells of a run, from its folder."""
    plan, evaluation = (
        json.loads((run / name).read_text(encoding="utf-8")) for name in ("plan.json", "evaluation.json")
    )
    return ShownRun(
        backbone=plan["backbone"],
        side=plan["preprocessing"]["size"],
        weights=f"{plan['weights']} weights" if plan["weights"] else "random weights",
        classes=len(evaluation["per_class"]),
        balanced_accuracy=evaluation["balanced_accuracy"],
    )


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.exports")
