"""What a reader must know of a run beside its figures: how the model came about, its data, its phases."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.split import split_text
from derm_cli.evaluation.reporting.report import Background, Photograph
from derm_cli.evaluation.reporting.tables.table import Cell, Row, Table, Value
from derm_cli.plan import Plan
from derm_cli.runs import folder as names
from derm_cli.runs.folder import RunFolder

PARTS = (TRAIN, VALIDATION, TEST)
UNKNOWN = "not known"
Rows = list[dict[str, str]]


def background_of(run: RunFolder, photographs: tuple[Photograph, ...] = ()) -> Background:
    """Return all that a run's folder tells.  Raises DermError where a file was changed since it was sealed."""
    plan, history = run.plan, _rows(run, names.HISTORY)
    temperature = _evaluation(run).get("temperature") or {}
    return Background(
        facts=_facts(run, plan),
        sheets=(*_data(run, plan), _phases(plan, history), *_temperature(temperature)),
        history=history,
        photographs=photographs,
        trained_on=tuple(dict.fromkeys(name for stage in plan.stages for name in stage.datasets)),
        limits=_limits(plan, temperature),
    )


def _facts(run: RunFolder, plan: Plan) -> dict[str, dict[str, str]]:
    record = run.record
    request = record["request"]
    datasets = dict.fromkeys(name for stage in plan.stages for name in stage.datasets)
    run_facts = {
        "run": run.id,
        "begun": record.get("started", UNKNOWN),
        "trained again by": f"derm train --repeat {run.id}",
        "plan, SHA-256": record["plan"],
    }
    model = {
        "backbone": plan.backbone,
        "first weights": plan.weights or "random",
        "chain": ", ".join(request["chain"]),
        "target": plan.target,
        "strategy and schedule": f"{request['strategy']}, {request['schedule']}",
        "photographs": plan.preprocessing.text(),
        "augmentation": plan.augmentation.text() if plan.augmentation else "none",
        "photographs of each class in a batch": str(plan.per_class),
        "seed": str(plan.seed),
    }
    split = {f"test part of {name}": split_text(plan, name) for name in datasets}
    split |= {"validation part": f"{plan.validation_share:.0%} of the rest, not trained on"}
    split |= {f"{name}, SHA-256 of cases and files": digest for name, digest in record["data"].items()}
    environment = {name: _text(value) for name, value in record["environment"].items() if value is not None}
    return {"The run": run_facts, "The model": model, "The split": split, "The environment": environment}


def _phases(plan: Plan, history: Rows) -> Table:
    """Return a row a phase, numbered as in the picture of the training."""
    done = Counter((row["stage"], row["phase"]) for row in history)
    rows = tuple(
        (
            f"{number} {stage.name}",
            f"{place} {phase.name}",
            ", ".join(("head", *phase.blocks)),
            done[str(number - 1), str(place - 1)],
            Value(phase.head_rate, scale=1, decimals=6),
            Value(phase.block_rate if phase.blocks else None, scale=1, decimals=6),
            phase.options.text(),
        )
        for number, stage in enumerate(plan.stages, start=1)
        for place, phase in enumerate(stage.phases, start=1)
    )
    header = ("stage", "phase", "unfrozen", "epochs", "head rate", "block rate", "options")
    return Table("phases", "Chain and phases", header, rows, keys=2)


def _data(run: RunFolder, plan: Plan) -> tuple[Table, ...]:
    """Return how many photographs of each class were in each part, and why others were left out."""
    split, dropped = _rows(run, names.SPLIT), _rows(run, names.DROPPED)
    counts = Counter((row["dataset"], row["label"], row["part"]) for row in split)
    places = {each.name: place for stage in plan.stages for place, each in enumerate(stage.classes)}
    rows: list[Row] = []
    for dataset in dict.fromkeys(row["dataset"] for row in split):
        labels = {label for name, label, _ in counts if name == dataset}
        for label in sorted(labels, key=lambda each: (places.get(each, len(places)), each)):
            rows.append(_counted(dataset, label, [counts[dataset, label, part] for part in PARTS]))
        total = [sum(counts[dataset, label, part] for label in labels) for part in PARTS]
        rows.append(_counted(dataset, "all classes", total))
    parts = ("dataset", "class", *PARTS, "all")
    sheets = [Table("parts", "Photographs by class and part", parts, tuple(rows), keys=2)] if rows else []
    reasons = Counter((row["dataset"], row["reason"]) for row in dropped)
    if reasons:
        counted = tuple((*key, count) for key, count in sorted(reasons.items()))
        header = ("dataset", "reason", "photographs")
        sheets.append(Table("dropped", "Photographs that were left out, and why", header, counted, keys=2))
    return tuple(sheets)


def _counted(dataset: str, label: str, counts: list[int]) -> Row:
    cells: tuple[Cell, ...] = (*counts, sum(counts))
    return (dataset, label, *cells)


def _temperature(found: dict[str, Any]) -> tuple[Table, ...]:
    """Return what the logits were divided by, and what it did on the validation part."""
    if not found.get("log_loss"):
        return ()
    rows: tuple[Row, ...] = (
        ("expected calibration error %", *map(Value, found["ece"])),
        ("log loss, nats", *(Value(value, scale=1, decimals=4) for value in found["log_loss"])),
    )
    title = f"Logits were divided by {found['value']:.2f}, fitted on {found['cases']} validation photographs"
    return (Table("temperature", title, ("on the validation part", "before", "after"), rows),)


def _limits(plan: Plan, temperature: dict[str, Any]) -> tuple[str, ...]:
    said = []
    if not plan.validation_share:
        said.append("No photograph was kept for validation: no threshold was chosen, and no temperature fitted.")
    elif temperature and not temperature.get("log_loss"):
        why = temperature.get("reason") or f"With {temperature.get('cases', 0)} validation photographs"
        said.append(f"{why} no temperature could be fitted: probabilities are as the network gave them.")
    if plan.folds:
        said.append(
            f"This is fold {plan.fold} of {plan.folds} alone: the figures of all folds together are those to report."
        )
    return tuple(said)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " to ".join(f"{each:g}" for each in value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _evaluation(run: RunFolder) -> dict[str, Any]:
    path = _path(run, names.EVALUATION)
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _rows(run: RunFolder, name: str) -> Rows:
    path = _path(run, name)
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def _path(run: RunFolder, name: str) -> Path:
    """Return the path of a file, unchanged since it was sealed; a run that is being finished has not sealed all."""
    return run.sealed(name) if name in run.record["files"] else run / name
