"""``derm demo``."""

from __future__ import annotations

import shlex

import click

from derm_cli.cli import session
from derm_cli.cli.shared.endings import open_option, print_ending
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import echo, echo_json
from derm_cli.errors import one_line


@click.command("demo")
@click.option("--epochs", type=click.IntRange(min=1), default=2, show_default=True, help="Epochs of each phase.")
@click.option(
    "--size",
    type=click.IntRange(min=32),
    default=96,
    show_default=True,
    metavar="PIXELS",
    help="Side of the photographs.",
)
@open_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, epochs: int, size: int, opens: bool, as_json: bool) -> None:
    """Run the main job on synthetic photographs, from training to a model for a phone.

    Draws three synthetic datasets, trains EfficientNet-Lite0 through them from ImageNet weights by the default recipe,
    evaluates it on the last one's test part and exports it to TFLite, checked against the run.  That takes about two
    minutes on two cores.
    """
    from derm_cli.cli.shared.printing import print_run_summary
    from derm_cli.workflows.demo import TAKES, demonstrate, request
    from derm_cli.workflows.evaluating.run_evaluation import stored_evaluation

    here = session(ctx)
    echo(f"Training on synthetic photographs, which takes {TAKES}; interrupt it at any time with Ctrl-C.", err=True)
    demonstration = demonstrate(here, request(here.registry, epochs, size))
    run, artefacts = demonstration.run, demonstration.artefacts
    if as_json:
        values = {"run": run.id, "path": str(run.path), "evaluation": stored_evaluation(run)}
        written = [artefact.to_json() for artefact in artefacts]
        echo_json({**values, "artefacts": written, "seconds": demonstration.seconds})
        return
    print_run_summary(run)
    for artefact in artefacts:
        megabytes, parity = artefact.size / 1e6, artefact.parity
        echo(
            f"\nExported: {one_line(str(artefact.path))} ({megabytes:.1f} MB; on {parity.photographs} test "
            f"photographs no probability differs from the run's by more than {parity.max_difference:.1e})"
        )
    echo(f"Time taken: {demonstration.seconds / 60:.1f} minutes")
    photographs = shlex.quote(str(here.settings.cache_folder / "made" / run.plan.target))
    model = shlex.quote(str(artefacts[0].path))
    print_ending(run, f"predict {model} {photographs}/images", opens=opens)
