"""A run as trackers are told of it: a plan, epochs, and the hooks called as a training calls them."""

from __future__ import annotations

import json
from dataclasses import asdict
from types import ModuleType
from typing import Any

from derm_cli.csv_cells import inert, row_writer
from derm_cli.plan import Phase, Plan, Preprocessing, Stage
from derm_cli.plugin import EpochReport, LesionClass, RunFacts

CLASSES = (LesionClass(name="MEL", title="melanoma"), LesionClass(name="NEV", title="nevus"))
PHASES = tuple(Phase(name=name, blocks=(), epochs=2, head_rate=1e-4, block_rate=1e-5) for name in ("head", "top"))
STAGES = tuple(Stage(name=name, datasets=(name,), classes=CLASSES, phases=PHASES) for name in ("edra", "clinic"))
PLAN = Plan(backbone="made", weights=None, target="clinic", stages=STAGES, preprocessing=Preprocessing(size=32))
PLACES = [(stage, phase, epoch) for stage in (0, 1) for phase in (0, 1) for epoch in (0, 1)]
EVALUATION: dict[str, Any] = {"cases": 44, "accuracy": 0.5, "auc": None, "per_class": {}, "synthetic": True}


def report(stage: int, phase: int, epoch: int) -> EpochReport:
    """Return an epoch of the plan, with numbers of its own."""
    return EpochReport(
        stage=stage,
        stage_name=STAGES[stage].name,
        phase=phase,
        phase_name=PHASES[phase].name,
        epoch=epoch,
        epochs=2,
        loss=1 / (1 + stage + phase + epoch),
        accuracy=0.1 + 0.1 * epoch,
        images=120,
        seconds=60.5,
        head_rate=1e-4,
        block_rate=1e-5,
        first=epoch == 0,
        validation_loss=0.75 if stage else None,
        memory_bytes=3_000_000_000,
    )


def train(tracker: ModuleType, run: RunFacts, epochs: list[EpochReport], done: list[EpochReport] | None = None) -> None:
    """Call the hooks as a training does that goes on after the epochs ``done``: history is written before each."""
    run.folder.mkdir(exist_ok=True, parents=True)
    tracker.derm_run_started(run=run)
    rows = [*(done or [])]
    for epoch in epochs:
        rows.append(epoch)
        write_history(run, rows)
        tracker.derm_epoch_ended(run=run)


def write_history(run: RunFacts, rows: list[EpochReport]) -> None:
    """Write the run's table of epochs."""
    with (run.folder / "history.csv").open("w", newline="") as history:
        writer = row_writer(history)
        writer.writerow(asdict(rows[0]))
        writer.writerows([inert(cell) for cell in asdict(row).values()] for row in rows)


def finish(tracker: ModuleType, run: RunFacts) -> None:
    """Write what a finished run has, and tell the tracker."""
    (run.folder / "plan.json").write_text(json.dumps(run.plan.to_json()))
    (run.folder / "evaluation.json").write_text(json.dumps(EVALUATION))
    (run.folder / "model.keras").write_bytes(b"a network")
    for private in ("predictions.csv", "split.csv", "report.html"):
        (run.folder / private).write_text("P-17")
    tracker.derm_run_finished(run=run, evaluation=EVALUATION)


def numbers_of(epoch: EpochReport) -> dict[str, float]:
    """Return the numbers of an epoch that a tracker shows."""
    return {name: each for name, each in asdict(epoch).items() if type(each) in (int, float)}
