"""``derm demo``."""

from __future__ import annotations

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option


@click.command("demo")
@click.option("--epochs", type=click.IntRange(min=1), default=1, show_default=True, help="Epochs of each phase.")
@click.option(
    "--size",
    type=click.IntRange(min=32),
    default=96,
    show_default=True,
    metavar="PIXELS",
    help="Side of the photographs.",
)
@json_option
@click.pass_context
def command(ctx: click.Context, epochs: int, size: int, as_json: bool) -> None:
    """Run the main job on synthetic photographs, from training to a model for a phone.

    Draws three synthetic datasets, trains EfficientNet-Lite0 through them from ImageNet weights, evaluates it on the
    last one's test part and exports it to TFLite, checked against the run.
    """
    from derm_cli.cli.evaluate import show_short
    from derm_cli.workflows.demo import demonstrate, request
    from derm_cli.workflows.evaluating.run_evaluation import (
        evaluation_title,
        is_synthetic,
        judge_run,
        stored_evaluation,
    )

    done = demonstrate(session(ctx), request(epochs, size))
    if as_json:
        values = {"run": done.run.id, "path": str(done.run.path), "evaluation": stored_evaluation(done.run)}
        artefacts = [artefact.to_json() for artefact in done.artefacts]
        click.echo(console.as_json({**values, "artefacts": artefacts, "seconds": done.seconds}))
        return
    show_short(judge_run(done.run), evaluation_title(done.run), is_synthetic(done.run))
    for artefact in done.artefacts:
        click.echo(
            f"\nExported: {artefact.path} ({artefact.size / 1e6:.1f} MB; on {artefact.photographs} test photographs no "
            f"probability differs from the run's by more than {artefact.max_difference:.1e})"
        )
    click.echo(f"Time taken: {done.seconds / 60:.1f} minutes")
