"""``derm export``: an option for each exporter, the plugins' too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.printing import echo, echo_json
from derm_cli.errors import RequestError
from derm_cli.evaluation import SYNTHETIC
from derm_cli.plugin import ExporterSpec, PackagerSpec
from derm_cli.plugin.options import shown

if TYPE_CHECKING:
    from derm_cli.workflows.exporting.gate import RecallChange


def _flag_of(exporter: str) -> str:
    return "to_" + exporter.replace("-", "_")


def _pack_flag_of(packager: str) -> str:
    return "pack_" + packager.replace("-", "_")


def _listed(texts: tuple[str, ...]) -> list[str]:
    """Return the parts of texts with commas."""
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _words(exporter: str, option: str) -> str:
    return f"{exporter}-{option.replace('_', '-')}"


def _option_flag_of(exporter: str, option: str) -> str:
    return "option_" + _words(exporter, option).replace("-", "_")


def _options_of_exporters(ctx: click.Context, names: list[str], flags: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the options that were given of the own ones of exporters, which are ``names``, by exporter.

    Raises RequestError for a wrong value, and for an option of another exporter.
    """
    given: dict[str, dict[str, Any]] = {}
    for name, spec in session(ctx).registry.all(ExporterSpec).items():
        for option in spec.options:
            text = flags[_option_flag_of(name, option.name)]
            if text is not None:
                asked_by = f"--{_words(name, option.name)} '{text}'"
                if name not in names:
                    raise RequestError(f"{asked_by} goes with --{name} alone: give both.")
                given.setdefault(name, {})[option.name] = spec.read_option(option.name, text, asked_by)
    return given


def _quantizations(ctx: click.Context) -> list[str]:
    from derm_cli.workflows.exporting.variants import quantizations

    return quantizations(session(ctx).registry.all(ExporterSpec).values())


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
        flags += [
            click.Option(
                [f"--{_words(name, option.name)}", _option_flag_of(name, option.name)],
                metavar="VALUE",
                help=f"With --{name}: {option.title}, {option.wanted}.  [default: {shown(option.default)}]",
            )
            for name, spec in session(ctx).registry.all(ExporterSpec).items()
            for option in spec.options
        ]
        own = super().get_params(ctx)
        return [*own[:1], *flags, *own[1:]]


@click.command("export", cls=ExportCommand)
@click.argument("run", required=False, shell_complete=completing(run_ids))
@click.option(
    "--quantize",
    multiple=True,
    metavar="NAMES",
    shell_complete=completing(_quantizations),
    help="Variants with fewer bits, of formats that have such: none, float16, dynamic, int8, int16x8; several comma by "
    "comma.  [default: none]",
)
@click.option("--float-input", is_flag=True, help="Write variants that take float32 photographs, 0 to 255.")
@click.option(
    "--labels",
    multiple=True,
    metavar="LANGUAGES",
    help="Languages of the classes' titles inside, beside English, as in en,pt.",
)
@click.option("--zip", "as_zip", is_flag=True, help="With --bundle: as one zip.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    run: str | None,
    *,
    quantize: tuple[str, ...],
    float_input: bool,
    labels: tuple[str, ...],
    as_zip: bool,
    as_json: bool,
    **flags: Any,
) -> None:
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
    options = _options_of_exporters(ctx, names, flags)
    from derm_cli.workflows.evaluating.run_evaluation import is_synthetic
    from derm_cli.workflows.exporting.export import export
    from derm_cli.workflows.exporting.packing import pack
    from derm_cli.workflows.exporting.variants import NO_VARIANT, variant_name

    here = session(ctx)
    folder = here.runs.find(run) if run else here.runs.default()
    variants = [variant_name(each, float_input=float_input) for each in _listed(quantize) or [NO_VARIANT]]
    artefacts = export(here, folder, names, variants, _listed(labels), options=options)
    bundles = [pack(here, folder, spec.name, artefacts, _listed(labels), as_zip=as_zip) for spec in packagers]
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
            artefact.name,
            str(artefact.path),
            f"{artefact.size / 1e6:.1f} MB",
            f"{artefact.parity.max_difference:.1e}",
            f"{artefact.parity.agreement:.1%}",
            artefact.parity.photographs,
        ]
        for artefact in artefacts
    ]
    echo(console.table(["format", "file", "size", "largest difference", "same answer", "photographs"], rows))
    changes = [(artefact.name, each) for artefact in artefacts for each in artefact.parity.recall if each.lost]
    if changes:
        heading = ["recall of a class", "class", "photographs", "the run", "the file", "difference"]
        echo("")
        echo(console.table(heading, [[name, *_recall_cells(each)] for name, each in changes]))
    if any(each.is_one_photograph for _, each in changes):
        echo("One photograph fewer is accepted of a class with few, though it is more than the accepted share of them.")
    for bundle in bundles:
        echo(f"Packed, and proved from the file to the answer: {bundle.path} ({bundle.size / 1e6:.1f} MB)")


def _recall_cells(change: RecallChange) -> list[str]:
    interval = "" if change.low is None else f" ({change.low:+.1%} to {change.high:+.1%})"
    difference = f"{change.after - change.before:+.1%}{interval}"
    return [change.name, str(change.cases), f"{change.before:.1%}", f"{change.after:.1%}", difference]
