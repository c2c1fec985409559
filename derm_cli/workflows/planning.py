"""The plan as a person reads it: ``derm train --dry-run``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from derm_cli import console
from derm_cli.data.splitting import TEST, TRAIN, VALIDATION
from derm_cli.engine.batches import steps_per_epoch
from derm_cli.plan import Phase, PhaseOptions, Plan
from derm_cli.plugin import HEAD, STEM
from derm_cli.workflows.preparing import Prepared, split_records, stage_labels


def plan_to_json(prepared: Prepared) -> dict[str, Any]:
    """Return the plan with the photographs of each stage by class and its steps, as ``--dry-run --json`` prints it.

    Counts are those of the datasets' tables: no photograph is decoded, so one that is unreadable still counts.
    """
    plan = prepared.plan
    parts = {name: split_records(records, plan) for name, records in prepared.records.items()}
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
    content = plan.to_json()
    for described, counted in zip(content["stages"], stages, strict=True):
        described.update(counted)
        described["batch_size"] = len(described["classes"]) * plan.per_class
        described["steps"] = counted["steps_per_epoch"] * sum(phase["epochs"] for phase in described["phases"])
    content["synthetic"] = prepared.made
    content["fingerprint"] = plan.fingerprint()
    return content


def describe_plan(prepared: Prepared) -> str:
    """Return the plan as text."""
    plan, content = prepared.plan, plan_to_json(prepared)
    parts = [_heading(plan, prepared)]
    for number, (stage, described) in enumerate(zip(plan.stages, content["stages"], strict=True), 1):
        head = "the head of the stage before" if stage.head == "carried" else "a new head"
        parts.append(
            f"Stage {number} of {len(plan.stages)}: {stage.name}, with {head}; batches of {described['batch_size']} "
            f"({plan.per_class} a class), {described['steps_per_epoch']} steps an epoch, {described['steps']} in all"
        )
        if described["unmatched"]:
            parts[-1] += f"; {described['unmatched']} photographs match no class and are dropped"
        parts.append(
            console.table(
                ["phase", "unfrozen", "epochs", "head rate", "block rate", "steps", "options"],
                [
                    [
                        f"{place} {phase.name}",
                        ", ".join((HEAD, *phase.blocks)),
                        phase.epochs,
                        f"{phase.head_rate:g}",
                        f"{phase.block_rate:g}" if phase.blocks else "",
                        phase.epochs * described["steps_per_epoch"],
                        _options(phase),
                    ]
                    for place, phase in enumerate(stage.phases, 1)
                ],
            )
        )
        counted = [part for part in (TRAIN, VALIDATION, TEST) if part != VALIDATION or plan.validation_share]
        parts.append(
            console.table(
                ["class", "diagnosis", *counted],
                [[c.name, c.title, *(described[part][c.name] for part in counted)] for c in stage.classes],
            )
        )
    dropped = sum(len(records.dropped) for records in prepared.records.values())
    parts.append(
        f"Photographs as the datasets' tables list them, not yet decoded; {dropped} dropped. "
        f"Plan {plan.fingerprint()[:12]}."
    )
    return "\n\n".join(parts)


def _validated(plan: Plan) -> str:
    return f", {plan.validation_share:.0%} of the rest for validation" if plan.validation_share else ""


def _options(phase: Phase) -> str:
    """Return the options of a phase that are not the default, as ``--phase`` takes them."""
    usual, given = asdict(PhaseOptions()), asdict(phase.options)
    shown = {name: "on" if value is True else value for name, value in given.items() if value != usual[name]}
    return ", ".join(f"{name.replace('_', '-')}={value}" for name, value in shown.items())


def _heading(plan: Plan, prepared: Prepared) -> str:
    spec, rule = prepared.backbone, plan.preprocessing
    weights = f"from {plan.weights}" if plan.weights else "from random weights"
    lines = [
        f"Backbone {spec.name} ({spec.parameters / 1e6:.1f} M parameters), {weights}; target {plan.target}",
        f"Photographs {rule.size}x{rule.size}, {rule.resize}, {rule.interpolation}; {plan.test_share:.0%} for the "
        f"test{_validated(plan)}, by patient or lesion; seed {plan.seed}",
    ]
    if plan.augmentation is None:
        lines.append("No augmentation")
    else:
        ranges = asdict(plan.augmentation).items()
        shown = (f"{name} {'..'.join(f'{x:g}' for x in v) if isinstance(v, tuple) else f'{v:g}'}" for name, v in ranges)
        lines.append("Augmentation: " + ", ".join(shown))
    if prepared.made:
        lines.append("SYNTHETIC: some photographs are made by a program; no figure says anything about patients")
    if plan.weights is None and all(STEM not in phase.blocks for stage in plan.stages for phase in stage.phases):
        lines.append("Note: the stem starts random and is never unfrozen; --schedule full trains it too")
    return "\n".join(lines)
