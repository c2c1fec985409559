"""``make bench-gpu``: the paper's whole chain on an accelerator; ``python -m benchmarks.gpu`` has the options."""

from __future__ import annotations

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks import accelerator, chain, machine
from benchmarks.chain import Chain
from benchmarks.paper_sets import PAPER_SETS
from derm_cli.console import table

PAPER = Chain()


def _names(_ctx: click.Context, _option: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in value.split(","))
    for name in names:
        if name not in PAPER_SETS:
            raise click.BadParameter(f"'{name}' has no stand-in: there are {', '.join(PAPER_SETS)}.")
    return names


@click.command("benchmarks.gpu")
@click.option(
    "--backend", type=click.Choice(accelerator.BACKENDS), help="Backend.  [default: what sees an accelerator]"
)
@click.option("--backbone", default=PAPER.backbone, show_default=True, help="Network to train.")
@click.option("--size", type=click.IntRange(32), default=PAPER.size, show_default=True, help="Side of the images.")
@click.option(
    "--chain",
    "datasets",
    default=",".join(PAPER.datasets),
    show_default=True,
    callback=_names,
    help="Stand-ins for the paper's sets, in their order.",
)
@click.option("--schedule", default=PAPER.schedule, show_default=True, help="Which blocks learn when.")
@click.option("--epochs", type=click.IntRange(1), default=PAPER.epochs, show_default=True, help="Epochs of each phase.")
@click.option("--photographs", "images", type=click.IntRange(1), show_default="the paper's", help="Images in all.")
@click.option("--precision", default=PAPER.precision, show_default=True, help="Precision of the backbone.")
@click.option(
    "--programs",
    multiple=True,
    type=click.Choice(["stage", "phase"]),
    default=["stage", "phase"],
    show_default=True,
    help="What is compiled; repeatable.",
)
@click.option("--anyway", is_flag=True, help="Go on without an accelerator, which takes hours at the paper's size.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write every figure to FILE.")
def main(
    backend: str | None,
    programs: tuple[str, ...],
    anyway: bool,
    file: Path | None,
    **options: Any,
) -> None:
    """Train the paper's chain on an accelerator, cold and warm, and print what compiling costs and how fast steps are.

    Below the paper's size it runs on a CPU too, to try this benchmark out.
    """
    started, trained = time.monotonic(), Chain(**options)
    with TemporaryDirectory(prefix="derm-bench-gpu-") as folder:
        device = accelerator.find_backend((backend,) if backend else accelerator.BACKENDS, Path(folder))
        if device is None:
            raise click.ClickException("Neither JAX nor TensorFlow could be started: 'make setup' installs them.")
        if not (device.accelerated or anyway or trained.size < PAPER.size):
            raise click.ClickException(
                f"No accelerator is seen by {backend or ' or '.join(accelerator.BACKENDS)}: --size below {PAPER.size} "
                "tries this out on the CPU, --anyway goes on all the same."
            )
        facts = machine.facts() | {"accelerator": device.device if device.accelerated else "none"}
        click.echo(table(["machine", ""], list(facts.items())) + "\n")
        report = chain.measure(Path(folder), trained, device, programs)
    click.echo(report.text())
    if file:
        file.write_text(json.dumps({"machine": facts, **report.results}, indent=2) + "\n", encoding="utf-8")
    click.echo(f"\nTaken in {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.gpu")
