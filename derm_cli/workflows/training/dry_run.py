"""The plan of a request, printed and not carried out: ``derm train --dry-run``."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import Any

from derm_cli import console
from derm_cli.data.labels import stage_labels
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.data.splitting.grouping_text import grouping_text, split_by
from derm_cli.data.splitting.ledger import SplitLedgers
from derm_cli.data.splitting.split import source_of, split_all, split_text
from derm_cli.engine import backend
from derm_cli.engine.batches import steps_per_epoch
from derm_cli.plan import Plan, Stage
from derm_cli.plugin import HEAD, STEM
from derm_cli.workflows.session import Session
from derm_cli.workflows.training.planning import Prepared, prepare
from derm_cli.workflows.training.request import TrainRequest
from derm_cli.workflows.training.weight_source import with_full_reference


def to_json(session: Session, request: TrainRequest) -> dict[str, Any]:
    """Return the plan of ``request`` as JSON values, or those of all its folds in a list ``folds``.

    Nothing is written.
    """
    ledgers = SplitLedgers(session.runs.root)
    plans = [plan_to_json(prepared, ledgers) for prepared in _prepared(session, request)]
    return {"folds": plans} if request.splitting.is_cross_validation else plans[0]


def describe(session: Session, request: TrainRequest, width: int | None = None) -> str:
    """Return the plan of ``request`` as text; with folds that of the first, and what each fold tests on.

    With ``width``, its tables have at most so many columns.
    """
    ledgers = SplitLedgers(session.runs.root)
    folds = _prepared(session, request)
    text = describe_plan(folds[0], ledgers, width)
    if len(folds) == 1:
        return text
    target_stages = [plan_to_json(each, ledgers)["stages"][-1] for each in folds]
    heads = ["class", *(f"fold {number}" for number in range(1, len(target_stages) + 1))]
    rows = [[label, *(each[TEST][label] for each in target_stages)] for label in target_stages[0][TEST]]
    title = f"Photographs of {folds[0].plan.target} that each fold is tested on; the plan above is that of fold 1"
    return f"{text}\n\n{_wrapped(title, width)}\n\n{console.table(heads, rows, width=width)}"


def _prepared(session: Session, request: TrainRequest) -> list[Prepared]:
    request = with_full_reference(session, request)
    if not request.splitting.is_cross_validation:
        return [prepare(session, request)]
    first = prepare(session, request.with_fold(1))
    return [replace(first, plan=replace(first.plan, fold=fold + 1)) for fold in range(request.splitting.folds)]


def plan_to_json(prepared: Prepared, ledgers: SplitLedgers) -> dict[str, Any]:
    """Return the plan with the photographs of each stage by class and its steps, as ``--dry-run --json`` prints it.

    Counts are those of the datasets' tables: no photograph is decoded, so one that is unreadable still counts, and
    photographs are the same by patient and lesion alone.  ``ledgers`` are read, and nothing is written.
    """
    plan = prepared.plan
    parts = {name: each.parts for name, each in split_all(prepared.records, plan, ledgers).items()}
    stages: list[dict[str, Any]] = []
    for stage in plan.stages:
        none = dict.fromkeys((each.name for each in stage.classes), 0)
        counts, unmatched = {part: dict(none) for part in (TRAIN, VALIDATION, TEST)}, 0
        for name in stage.datasets:
            labels = stage_labels(prepared.records[name], stage, plan)
            unmatched += int(labels.isna().sum())
            for part, counted in counts.items():
                for label, count in labels[parts[name] == part].value_counts().items():
                    counted[str(label)] += int(count)
        steps = steps_per_epoch(sum(counts[TRAIN].values()), len(stage.classes), plan.per_class)
        stages.append({**counts, "unmatched": unmatched, "steps_per_epoch": steps})
    content = plan.to_json() | {"recipe": plan.recipe}
    for described, counted in zip(content["stages"], stages, strict=True):
        described.update(counted)
        described["batch_size"] = len(described["classes"]) * plan.per_class
        described["steps"] = counted["steps_per_epoch"] * sum(phase["epochs"] for phase in described["phases"])
    content["splits"] = {name: source_of(plan, name) for name in prepared.records}
    if unchecked := _unchecked(plan):
        content["unchecked"] = unchecked
    content["synthetic"] = prepared.is_synthetic
    content["fingerprint"] = plan.fingerprint()
    return content


def describe_plan(prepared: Prepared, ledgers: SplitLedgers, width: int | None = None) -> str:
    """Return the plan as text, with tables of at most ``width`` columns, if given."""
    plan, content = prepared.plan, plan_to_json(prepared, ledgers)
    parts = [_heading(plan, prepared)]
    for number, (stage, described) in enumerate(zip(plan.stages, content["stages"], strict=True), 1):
        head = "the head of the stage before" if stage.head == "carried" else "a new head"
        parts.append(
            f"Stage {number} of {len(plan.stages)}: {stage.name}, with {head}; batches of {described['batch_size']} "
            f"({plan.per_class} a class), {described['steps_per_epoch']} steps an epoch, {described['steps']} in all"
        )
        if described["unmatched"]:
            parts[-1] += f"; {described['unmatched']} photographs match no class and are dropped"
        parts += _phases_text(stage, described["steps_per_epoch"], width)
        counted = [part for part in (TRAIN, VALIDATION, TEST) if part != VALIDATION or plan.validation_share]
        parts.append(
            console.table(
                ["class", "diagnosis", *counted],
                [[c.name, c.title, *(described[part][c.name] for part in counted)] for c in stage.classes],
                width=width,
            )
        )
    dropped = sum(len(records.dropped) for records in prepared.records.values())
    parts.append(
        f"Photographs as the datasets' tables list them, not yet decoded; {dropped} dropped. "
        f"Plan {plan.fingerprint()[:12]}."
    )
    return _wrapped("\n\n".join(parts), width)


def _wrapped(text: str, width: int | None) -> str:
    """Return a text whose sentences have at most ``width`` characters a line, if given; its tables have so already."""
    lines = text.split("\n")
    if width is not None:
        lines = [each if len(each) <= width else textwrap.fill(each, width, subsequent_indent="  ") for each in lines]
    return "\n".join(lines)


def _phases_text(stage: Stage, steps: int, width: int | None) -> list[str]:
    """Return the table of a stage's phases; where ``width`` has no room for their options, these stand below it."""
    header = ["phase", "unfrozen", "epochs", "head rate", "block rate", "steps", "options"]
    rows = [
        [
            f"{position} {phase.name}",
            ", ".join((HEAD, *phase.blocks)),
            phase.epochs,
            f"{phase.head_rate:g}",
            f"{phase.block_rate:g}" if phase.blocks else "",
            phase.epochs * steps,
            phase.options.text(),
        ]
        for position, phase in enumerate(stage.phases, 1)
    ]
    whole = console.table(header, rows)
    if width is None or max(map(len, whole.split("\n"))) <= width:
        return [whole]
    phases_of: dict[str, list[str]] = {}
    for row in rows:
        if row[-1]:
            phases_of.setdefault(str(row[-1]), []).append(str(row[0]))
    options = [f"Options of {', '.join(names)}: {text}" for text, names in phases_of.items()]
    return [console.table(header[:-1], [row[:-1] for row in rows], width=width), *options]


def _unchecked(plan: Plan) -> list[str]:
    """Return sentences on what only the beginning of a training can tell."""
    devices = plan.execution.devices
    if devices < 2 or backend.check_devices(devices, plan.batch_sizes) is not None:
        return []
    return [f"{devices} devices share each batch; whether so many are here is seen when the training begins"]


def _kept_back(plan: Plan, prepared: Prepared) -> list[str]:
    """Return lines about what else is not trained on."""
    lines = [
        f"Not trained on: {split_text(plan, name, split_by(records))}"
        for name, records in prepared.records.items()
        if name != plan.target
    ]
    if plan.validation_share:
        official = ", or the official part where there is one" if plan.official_splits else ""
        lines.append(f"Kept back: {plan.validation_share:.0%} of the rest for validation{official}")
    return lines


def _heading(plan: Plan, prepared: Prepared) -> str:
    spec = prepared.backbone
    weights = f"from {plan.weights}" if plan.weights else "from random weights"
    lines = [
        f"Backbone {spec.name} ({spec.parameters / 1e6:.1f} M parameters), {weights}; target {plan.target}",
        f"Recipe {plan.recipe}",
        f"Photographs {plan.preprocessing.text()}; seed {plan.seed}",
        f"Tested on {split_text(plan, plan.target, split_by(prepared.records[plan.target]))}",
        *_kept_back(plan, prepared),
        *(f"Kept together in {name}: {grouping_text(records)}" for name, records in prepared.records.items()),
    ]
    lines.append(f"Augmentation: {plan.augmentation.text()}" if plan.augmentation else "No augmentation")
    if plan.metadata:
        lines.append(f"Answers beside the photograph, of {plan.target} alone: {', '.join(plan.metadata)}")
    if plan.teacher:
        lines.append(f"Teacher: run {plan.teacher.run}, whose answers are part of the targets")
    lines += [f"Not checked: {sentence}" for sentence in _unchecked(plan)]
    if prepared.is_synthetic:
        lines.append("SYNTHETIC: some photographs are made by a program; no figure says anything about patients")
    if plan.weights is None and all(STEM not in phase.blocks for stage in plan.stages for phase in stage.phases):
        lines.append("Note: the stem starts random and is never unfrozen; --schedule full trains it too")
    return "\n".join(lines)
