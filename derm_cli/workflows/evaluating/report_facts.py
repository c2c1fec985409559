"""The facts of a run that its report shows beside the metrics: model, split, environment, data, training phases."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from derm_cli.csv_cells import read_rows
from derm_cli.data.splitting.split import split_text
from derm_cli.evaluation.reporting.report import ReportFacts
from derm_cli.evaluation.reporting.tables.answers import answers_table
from derm_cli.evaluation.reporting.tables.table import Cell, Number, Row, Table
from derm_cli.plan import Plan
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder
from derm_cli.workflows.evaluating.case_flow import PARTS, case_flows
from derm_cli.workflows.evaluating.no_test import nobody_kept

UNKNOWN = "not known"
SPLIT_SEED = "seed of the split"
"""Told of a run whose split was drawn by another seed than its training."""
Rows = list[dict[str, str]]


def report_facts(run: RunFolder) -> ReportFacts:
    """Return the facts in a run's folder.  Raises DermError where a file was changed since it was sealed."""
    plan, history = run.plan, _rows(run, layout.HISTORY)
    split, dropped = _rows(run, layout.SPLIT), _rows(run, layout.DROPPED)
    evaluation = _evaluation(run)
    temperature, answers = evaluation.get("temperature") or {}, evaluation.get("answers") or {}
    return ReportFacts(
        details=_details(run, plan),
        tables=(
            *_data_tables(plan, split, dropped),
            _members_table(run) if run.record.members else _phases_table(plan, history),
            *_temperature_tables(temperature),
            *([answers_table(answers)] if "figures" in answers else []),
        ),
        history=history,
        training_datasets=tuple(dict.fromkeys(name for stage in plan.stages for name in stage.datasets)),
        limitations=(
            *([] if plan.keeps_test_part else [nobody_kept(run)]),
            *_limitations(plan, temperature, answers),
        ),
        case_flows=case_flows(plan, split, dropped),
        class_titles=class_titles(plan),
    )


def class_titles(plan: Plan) -> dict[str, str]:
    """Return what the names of the plan's classes stand for; where two stages differ, the last has its way."""
    return {each.name: each.title for stage in plan.stages for each in stage.classes}


def _details(run: RunFolder, plan: Plan) -> dict[str, dict[str, str]]:
    record = run.record
    request = record.request
    datasets = dict.fromkeys(name for stage in plan.stages for name in stage.datasets)
    identity = {
        "run": run.id,
        "begun": record.started or UNKNOWN,
        **_made_again_by(run),
        "plan, SHA-256": record.plan or UNKNOWN,
        **{f"ended early by plugin {stop.plugin}": stop.text for stop in record.stops},
    }
    model = {
        "backbone": request["backbone"] if record.members else plan.backbone,
        "first weights": plan.weights or "random",
        "chain": ", ".join(request["chain"]),
        "target": plan.target,
        "strategy and schedule": f"{request['strategy']}, {request['schedule']}",
        **({"teacher": f"run {plan.teacher.run}"} if plan.teacher else {}),
        "photographs": plan.preprocessing.text(),
        "recipe": plan.recipe,
        "augmentation": plan.augmentation.text() if plan.augmentation else "none",
        "views whose answers are averaged": plan.views.text(),
        "photographs of each class in a batch": str(plan.per_class),
        "seed": str(plan.seed),
    }
    model |= {"answers": ", ".join(plan.metadata)} if plan.metadata else {}
    split: dict[str, str] = {}
    if not record.members:
        # Of an ensemble the table of parts tells what all members together have seen.
        split |= {f"test part of {name}": split_text(plan, name) for name in datasets}
        split |= {"validation part": f"{plan.validation_share:.0%} of the rest, not trained on"}
        split |= {SPLIT_SEED: str(plan.split_seed)} if plan.split_seed is not None else {}
    split |= {f"{name}, SHA-256 of cases and files": digest for name, digest in record.data.items()}
    environment = {name: _text(value) for name, value in record.environment.items() if value is not None}
    return {"Run": identity, "Model": model, "Split": split, "Environment": environment}


def _made_again_by(run: RunFolder) -> dict[str, str]:
    members = [member.run for member in run.record.members]
    if members:
        return {"made again by": f"derm runs ensemble {' '.join(members)}"}
    return {"trained again by": f"derm train --repeat {run.id}"}


def _members_table(run: RunFolder) -> Table:
    rows = tuple((member.run, member.model) for member in run.record.members)
    return Table("members", "The members of the ensemble", ("run", "SHA-256 of its model"), rows, keys=1)


def _phases_table(plan: Plan, history: Rows) -> Table:
    """Return a row a phase, numbered as in the picture of the training."""
    epochs = Counter((row["stage"], row["phase"]) for row in history)
    rows = tuple(
        (
            f"{stage_number} {stage.name}",
            f"{phase_number} {phase.name}",
            ", ".join(("head", *phase.blocks)),
            epochs[str(stage_number - 1), str(phase_number - 1)],
            Number(phase.head_rate, scale=1, decimals=6),
            Number(phase.block_rate if phase.blocks else None, scale=1, decimals=6),
            phase.options.text(),
        )
        for stage_number, stage in enumerate(plan.stages, start=1)
        for phase_number, phase in enumerate(stage.phases, start=1)
    )
    header = ("stage", "phase", "unfrozen", "epochs", "head rate", "block rate", "options")
    return Table("phases", "Training stages and phases", header, rows, keys=2)


def _data_tables(plan: Plan, split: Rows, dropped: Rows) -> tuple[Table, ...]:
    """Return how many photographs of each class were in each part, and why others were left out."""
    counts = Counter((row["dataset"], row["label"], row["part"]) for row in split)
    class_indices = {each.name: index for stage in plan.stages for index, each in enumerate(stage.classes)}
    rows: list[Row] = []
    for dataset in dict.fromkeys(row["dataset"] for row in split):
        labels = {label for name, label, _ in counts if name == dataset}
        for label in sorted(labels, key=lambda each: (class_indices.get(each, len(class_indices)), each)):
            rows.append(_counts_row(dataset, label, [counts[dataset, label, part] for part in PARTS]))
        total = [sum(counts[dataset, label, part] for label in labels) for part in PARTS]
        rows.append(_counts_row(dataset, "all classes", total))
    header = ("dataset", "class", *PARTS, "all")
    tables = [Table("parts", "Photographs by class and part", header, tuple(rows), keys=2)] if rows else []
    reasons = Counter((row["dataset"], row["reason"]) for row in dropped)
    if reasons:
        reason_rows = tuple((*key, count) for key, count in sorted(reasons.items()))
        reason_header = ("dataset", "reason", "photographs")
        tables.append(Table("dropped", "Excluded photographs, and why", reason_header, reason_rows, keys=2))
    return tuple(tables)


def _counts_row(dataset: str, label: str, counts: list[int]) -> Row:
    cells: tuple[Cell, ...] = (*counts, sum(counts))
    return (dataset, label, *cells)


def _temperature_tables(temperature: dict[str, Any]) -> tuple[Table, ...]:
    """Return what the logits were divided by, and what it did on the validation part."""
    if not temperature.get("log_loss"):
        return ()
    rows: tuple[Row, ...] = (
        ("expected calibration error %", *map(Number, temperature["ece"])),
        ("log loss, nats", *(Number(value, scale=1, decimals=4) for value in temperature["log_loss"])),
    )
    title = (
        f"Temperature scaling: logits were divided by {temperature['value']:.2f}, fitted on {temperature['cases']} "
        "validation photographs"
    )
    return (Table("temperature", title, ("on the validation part", "before", "after"), rows),)


def _limitations(plan: Plan, temperature: dict[str, Any], answers: dict[str, Any]) -> tuple[str, ...]:
    sentences = []
    if not plan.validation_share:
        sentences.append("No photograph was kept for validation: no threshold was chosen, and no temperature fitted.")
    elif temperature and not temperature.get("log_loss"):
        reason = temperature.get("reason") or f"With {temperature.get('cases', 0)} validation photographs"
        sentences.append(f"{reason} no temperature could be fitted: probabilities are as the network gave them.")
    if plan.folds:
        sentences.append(
            f"This is fold {plan.fold} of {plan.folds} alone: the figures of all folds together are those to report."
        )
    for name, caution in answers.get("cautions", {}).items():
        sentences.append(
            f"The answer '{name}' was used as it was asked for, though {caution}: these metrics are better than they "
            "will be where everybody is asked."
        )
    return tuple(sentences)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " to ".join(f"{each:g}" for each in value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _evaluation(run: RunFolder) -> dict[str, Any]:
    path = _path(run, layout.EVALUATION)
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _rows(run: RunFolder, name: str) -> Rows:
    path = _path(run, name)
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return read_rows(file)


def _path(run: RunFolder, name: str) -> Path:
    """Return the path of a file, unchanged since it was sealed; a run that is being finished has not sealed all."""
    return run.sealed(name) if run.has_sealed(name) else run / name
