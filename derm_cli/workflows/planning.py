"""The plan as a person reads it: ``derm train --dry-run``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from derm_cli import console
from derm_cli.engine.batches import steps_per_epoch
from derm_cli.plan import Plan
from derm_cli.plugin import HEAD, STEM
from derm_cli.workflows.preparing import Prepared, split_records, stage_labels


def plan_to_json(prepared: Prepared) -> dict[str, Any]:
    """Return the plan with the photographs of each stage by class and its steps, as ``--dry-run --json`` prints it.

    Counts are those of the datasets' tables: no photograph is decoded, so one that is unreadable still counts.
    """
    plan = prepared.plan
    tested = {name: split_records(records, plan) for name, records in prepared.records.items()}
    stages: list[dict[str, Any]] = []
    for stage in plan.stages:
        train = dict.fromkeys((each.name for each in stage.classes), 0)
        test, unmatched = dict(train), 0
        for name in stage.datasets:
            labels = stage_labels(prepared.records[name], stage, plan)
            unmatched += int(labels.isna().sum())
            for counts, part in ((train, ~tested[name]), (test, tested[name])):
                for label, count in labels[part].value_counts().items():
                    counts[str(label)] += int(count)
        steps = steps_per_epoch(sum(train.values()), len(stage.classes), plan.per_class)
        stages.append({"train": train, "test": test, "unmatched": unmatched, "steps_per_epoch": steps})
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
                ["phase", "unfrozen", "epochs", "head rate", "block rate", "steps"],
                [
                    [
                        f"{place} {phase.name}",
                        ", ".join((HEAD, *phase.blocks)),
                        phase.epochs,
                        f"{phase.head_rate:g}",
                        f"{phase.block_rate:g}" if phase.blocks else "",
                        phase.epochs * described["steps_per_epoch"],
                    ]
                    for place, phase in enumerate(stage.phases, 1)
                ],
            )
        )
        parts.append(
            console.table(
                ["class", "diagnosis", "train", "test"],
                [[c.name, c.title, described["train"][c.name], described["test"][c.name]] for c in stage.classes],
            )
        )
    dropped = sum(len(records.dropped) for records in prepared.records.values())
    parts.append(
        f"Photographs as the datasets' tables list them, not yet decoded; {dropped} dropped. "
        f"Plan {plan.fingerprint()[:12]}."
    )
    return "\n\n".join(parts)


def _heading(plan: Plan, prepared: Prepared) -> str:
    spec, rule = prepared.backbone, plan.preprocessing
    weights = f"from {plan.weights}" if plan.weights else "from random weights"
    lines = [
        f"Backbone {spec.name} ({spec.parameters / 1e6:.1f} M parameters), {weights}; target {plan.target}",
        f"Photographs {rule.size}x{rule.size}, {rule.resize}, {rule.interpolation}; {plan.test_share:.0%} for the "
        f"test, by patient or lesion; seed {plan.seed}",
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
