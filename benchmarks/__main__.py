"""``python -m benchmarks``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import (
    engine,
    evaluation,
    features,
    machine,
    packing,
    prediction,
    prediction_memory,
    second_run,
    stages,
    startup,
    studies,
    study_runs,
)
from benchmarks.report import Report
from derm_cli.console import table

BENCHMARKS: dict[str, tuple[str, Callable[[Path, int], Report], int]] = {
    "startup": ("derm --help and derm plugins list, against the least", startup.measure, startup.ROUNDS),
    "packing": (
        "photographs decoded, against a plain Pillow loop, and found in the cache",
        packing.measure,
        packing.ROUNDS,
    ),
    "evaluation": (
        "a table of 100,000 cases with its bootstrap, against a loop of scikit-learn",
        evaluation.measure,
        evaluation.ROUNDS,
    ),
    "prediction": (
        "derm predict of a folder, against a plain loop over the same runtime",
        prediction.measure,
        prediction.ROUNDS,
    ),
    "studies": ("a study of 500 rows, planned and reported on", studies.measure, studies.ROUNDS),
    "study-runs": (
        "the paper's table IV at a small size, by several ways of carrying it out: seconds and bits",
        study_runs.measure,
        study_runs.ROUNDS,
    ),
    "prediction-memory": (
        "derm predict of up to 10,000 photographs: its memory must not grow",
        prediction_memory.measure,
        prediction_memory.ROUNDS,
    ),
    "engine": ("derm train against a plain Keras script of the same schedule", engine.measure, engine.ROUNDS),
    "second-run": ("the same command given again on the same photographs", second_run.measure, second_run.ROUNDS),
    "features": ("the head alone, features of the frozen part kept or computed", features.measure, features.ROUNDS),
    "stages": ("a chain that begins as an earlier one, stored or trained", stages.measure, stages.ROUNDS),
}


@click.command("benchmarks")
@click.option("--only", multiple=True, type=click.Choice(list(BENCHMARKS)), help="Run this one; repeatable.")
@click.option("--rounds", type=click.IntRange(1), help="Rounds in turns.  [default: each benchmark's own]")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write every figure to FILE.")
@click.option("--list", "listed", is_flag=True, help="List the benchmarks and do nothing.")
def main(only: tuple[str, ...], rounds: int | None, file: Path | None, listed: bool) -> None:
    """Measure derm against what it is compared with, in turns, and print the ratios with their spread."""
    if listed:
        rows = [[name, title, default] for name, (title, _, default) in BENCHMARKS.items()]
        return click.echo(table(["name", "what", "rounds"], rows))
    facts = machine.facts()
    click.echo(table(["machine", ""], list(facts.items())))
    results: dict[str, object] = {"machine": facts}
    started = time.monotonic()
    for name in only or BENCHMARKS:
        _, measure, default = BENCHMARKS[name]
        with TemporaryDirectory(prefix=f"derm-bench-{name}-") as folder:
            report = measure(Path(folder), rounds or default)
        click.echo(f"\n{report.text()}")
        results[name] = report.results
    if file:
        file.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    click.echo(f"\nTaken in {time.monotonic() - started:.0f} s.")
    return None


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
