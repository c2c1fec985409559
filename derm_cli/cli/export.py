"""``derm export``: an option for each exporter, the plugins' too."""

from __future__ import annotations

from typing import Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.printing import echo, echo_json
from derm_cli.errors import RequestError
from derm_cli.evaluation import SYNTHETIC
from derm_cli.plugin import ExporterSpec, PackagerSpec


def _flag_of(exporter: str) -> str:
    return "to_" + exporter.replace("-", "_")


def _pack_flag_of(packager: str) -> str:
    return "pack_" + packager.replace("-", "_")


class ExportCommand(click.Command):
    """Has a flag for each exporter, and each packager, that a plugin adds."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and the flags of exporters and packagers."""
        flags: list[click.Parameter] = [
            click.Option([f"--{name}", _flag_of(name)], is_flag=True, help=f"Write {spec.title} ({spec.suffix}).")
            for name, spec in session(ctx).registry.all(ExporterSpec).items()
        ]
        flags += [
            click.Option([f"--{name}", _pack_flag_of(name)], is_flag=True, help=f"Pack them as {spec.title}.")
            for name, spec in session(ctx).registry.all(PackagerSpec).items()
        ]
        own = super().get_params(ctx)
        return [*own[:1], *flags, *own[1:]]


@click.command("export", cls=ExportCommand)
@click.argument("run", required=False, shell_complete=completing(run_ids))
@click.option("--zip", "as_zip", is_flag=True, help="With --bundle: as one zip.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, run: str | None, as_zip: bool, as_json: bool, **flags: Any) -> None:
    """Write a run's model for a phone, checked against the run.

    RUN is an id, the beginning of one, or a folder; by default the chosen run, else the latest finished one.  Each
    artefact takes photographs as uint8 RGB and gives probabilities; before it is written, it must give the run's
    answers on the run's own test photographs.
    """
    names = [name for name in session(ctx).registry.all(ExporterSpec) if flags[_flag_of(name)]]
    packagers = [spec for name, spec in session(ctx).registry.all(PackagerSpec).items() if flags[_pack_flag_of(name)]]
    names = names or [*dict.fromkeys(each for spec in packagers for each in spec.exporters)]
    if as_zip and not packagers:
        raise RequestError("--zip goes with --bundle alone: give both.")
    if not names:
        known = ", ".join(f"--{name}" for name in session(ctx).registry.all(ExporterSpec))
        raise RequestError(f"No format is asked for: give one or more of {known}.")
    from derm_cli.workflows.evaluating.run_evaluation import is_synthetic
    from derm_cli.workflows.exporting.export import export
    from derm_cli.workflows.exporting.packing import pack

    here = session(ctx)
    folder = here.runs.find(run) if run else here.runs.default()
    artefacts = export(here, folder, names)
    bundles = [pack(here, folder, spec.name, artefacts, as_zip=as_zip) for spec in packagers]
    synthetic = is_synthetic(folder)
    if as_json:
        values = {"run": folder.id, "synthetic": synthetic, "artefacts": [each.to_json() for each in artefacts]}
        values |= {"bundles": [each.to_json() for each in bundles]} if bundles else {}
        echo_json(values)
        return
    for warning in dict.fromkeys(each.warning for each in bundles if each.warning):
        echo(warning)
    if synthetic:
        echo(SYNTHETIC)
    rows = [
        [
            artefact.exporter,
            str(artefact.path),
            f"{artefact.size / 1e6:.1f} MB",
            f"{artefact.parity.max_difference:.1e}",
            f"{artefact.parity.agreement:.1%}",
            artefact.parity.photographs,
        ]
        for artefact in artefacts
    ]
    echo(console.table(["format", "file", "size", "largest difference", "same answer", "photographs"], rows))
    for bundle in bundles:
        echo(f"Packed, and proved from the file to the answer: {bundle.path} ({bundle.size / 1e6:.1f} MB)")
