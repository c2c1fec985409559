"""``derm inspect``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.printing import echo, echo_json, echo_sentence, echo_table
from derm_cli.evaluation import SYNTHETIC


@click.command("inspect")
@click.argument("model", shell_complete=completing(run_ids))
@json_option
@click.pass_context
def command(ctx: click.Context, model: str, *, as_json: bool) -> None:
    """Tell what is in an artefact or a bundle: inputs, operations, weights, facts.

    MODEL is a .tflite, .onnx or .keras, a bundle as folder or zip, or a run.  It may be a stranger's: it is read as
    data, and its seal is checked.
    """
    from derm_cli.workflows.inspect import inspect

    models, licences = inspect(session(ctx), model)
    if as_json:
        echo_json({"models": [each.to_json() for each in models], "licences": licences})
        return
    for each in models:
        found, facts = each.inspection, each.inspection.facts
        rule = facts.preprocessing
        rows: list[list[object]] = [
            ["file", f"{each.name}, {each.exporter}, {each.size} bytes"],
            ["SHA-256", each.sha256],
            [
                "seal",
                "over the whole file, intact" if found.is_sealed else "of an older derm, not over facts and labels",
            ],
            ["run", f"{facts.run}: {facts.backbone} for {facts.target}, by derm {facts.derm}"],
            ["classes", ", ".join(one.name for one in facts.classes)],
            ["photographs", f"{rule.size} pixels, {rule.resize}, {rule.interpolation}, crop {rule.crop}"],
            *(_row("changed before", each.text()) for each in rule.steps),
            ["views", facts.views.name],
            ["questions", ", ".join(facts.answers.names) if facts.answers else "none"],
            *(_row("threshold", f"{', '.join(one.classes)}: {one.threshold:.4f}") for one in facts.thresholds),
            *(_row("input", f"{one.name}, {one.type}, {_shape(one.shape)}") for one in found.inputs),
            *(_row("output", f"{one.name}, {one.type}, {_shape(one.shape)}") for one in found.outputs),
            ["operations", ", ".join(f"{count} {name}" for name, count in found.operations.items())],
            *(_row("weights", f"{kind}: {one.arrays} arrays, {one.size} bytes") for kind, one in found.weights.items()),
            ["carried", ", ".join(f"{name} ({size} bytes)" for name, size in found.metadata.items())],
        ]
        echo_table(["what", ""], rows)
        echo("")
        if facts.made:
            echo_sentence(SYNTHETIC)
    for one in licences.get("datasets", ()):
        echo(f"Licence of {one.get('title') or one.get('name')}: {one.get('licence') or 'not known'}")


def _row(what: str, text: str) -> list[object]:
    return [what, text]


def _shape(sides: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, sides))})"
