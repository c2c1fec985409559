"""``derm export``: an option for each exporter, the plugins' too."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.endings import print_next
from derm_cli.cli.shared.export_options import (
    FormatsCommand,
    comma_separated,
    formats_asked_for,
    quantize_option,
    require_formats,
    variants_asked_for,
)
from derm_cli.cli.shared.options import completing, json_option, run_ids
from derm_cli.cli.shared.printing import PARITY, assumed_width, echo, echo_json, echo_sentence, parity_cells
from derm_cli.errors import RequestError
from derm_cli.evaluation import SYNTHETIC
from derm_cli.plugin import ExporterSpec, PackagerSpec
from derm_cli.plugin.options import shown

if TYPE_CHECKING:
    from derm_cli.runs.folder import RunFolder
    from derm_cli.workflows.exporting.export import ExportedArtefact
    from derm_cli.workflows.exporting.gate import RecallChange
    from derm_cli.workflows.exporting.packing import ExportedBundle


LONGEST_NAME = 40
"""The most characters of a class's name in a table."""


def _pack_flag_of(packager: str) -> str:
    return "pack_" + packager.replace("-", "_")


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


class ExportCommand(FormatsCommand):
    """Has a flag for each exporter with its own options, and each packager, that a plugin adds."""

    def flags(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the flags of exporters and packagers, and the options of exporters."""
        registry = session(ctx).registry
        packagers = [
            click.Option([f"--{name}", _pack_flag_of(name)], is_flag=True, help=f"Pack them as {spec.title}.")
            for name, spec in registry.all(PackagerSpec).items()
        ]
        options = [
            click.Option(
                [f"--{_words(name, option.name)}", _option_flag_of(name, option.name)],
                metavar="VALUE",
                help=f"With --{name}: {option.title}, {option.wanted}.  [default: {shown(option.default)}]",
            )
            for name, spec in registry.all(ExporterSpec).items()
            for option in spec.options
        ]
        return [*super().flags(ctx), *packagers, *options]


@click.command("export", cls=ExportCommand)
@click.argument("run", required=False, shell_complete=completing(run_ids))
@quantize_option
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
    folder, artefacts, bundles = exported(
        ctx, run, quantize=quantize, float_input=float_input, labels=labels, as_zip=as_zip, flags=flags
    )
    from derm_cli.workflows.evaluating.run_evaluation import is_synthetic

    synthetic = is_synthetic(folder)
    if as_json:
        values = {"run": folder.id, "synthetic": synthetic, "artefacts": [each.to_json() for each in artefacts]}
        values |= {"bundles": [each.to_json() for each in bundles]} if bundles else {}
        echo_json(values)
        return
    for warning in dict.fromkeys(each.warning for each in bundles if each.warning):
        echo(warning)
    if synthetic:
        echo_sentence(SYNTHETIC)
    changes = [(artefact.name, each) for artefact in artefacts for each in artefact.parity.recall if each.lost]
    for text in tables_as_text(artefacts, changes, assumed_width()):
        echo(text)
    for bundle in bundles:
        echo(f"Packed, and proved from the file to the answer: {bundle.path} ({bundle.size / 1e6:.1f} MB)")
    if bundles:
        print_next(f"verify {shlex.quote(str(bundles[0].path))}")
    elif artefacts:
        print_next(f"predict {shlex.quote(str(artefacts[0].path))} PHOTOGRAPH.jpg")


def exported(
    ctx: click.Context,
    run: str | None,
    *,
    quantize: tuple[str, ...],
    float_input: bool,
    labels: tuple[str, ...],
    as_zip: bool,
    flags: dict[str, Any],
) -> tuple[RunFolder, list[ExportedArtefact], list[ExportedBundle]]:
    """Write what the options ask for, and return the run with its artefacts and bundles.

    Raises RequestError for what cannot be meant, and as :func:`derm_cli.workflows.exporting.export.export` does.
    """
    names = formats_asked_for(ctx, flags)
    packagers = [spec for name, spec in session(ctx).registry.all(PackagerSpec).items() if flags[_pack_flag_of(name)]]
    names = names or [*dict.fromkeys(each for spec in packagers for each in spec.exporters)]
    if as_zip and not packagers:
        raise RequestError("--zip goes with --bundle alone: give both.")
    require_formats(ctx, names)
    options = _options_of_exporters(ctx, names, flags)
    from derm_cli.workflows.exporting.export import export
    from derm_cli.workflows.exporting.packing import pack
    from derm_cli.workflows.exporting.unportable_steps import refuse_bundle
    from derm_cli.workflows.exporting.variants import variant_name

    here = session(ctx)
    folder = here.runs.find(run) if run else here.runs.default()
    if packagers:
        # Before anything is written.
        refuse_bundle(folder)
    variants = [variant_name(each, float_input=float_input) for each in variants_asked_for(quantize)]
    artefacts = export(here, folder, names, variants, comma_separated(labels), options=options)
    bundles = [pack(here, folder, spec.name, artefacts, comma_separated(labels), as_zip=as_zip) for spec in packagers]
    return folder, artefacts, bundles


def tables_as_text(
    artefacts: Sequence[ExportedArtefact], changes: Sequence[tuple[str, RecallChange]], width: int
) -> Iterator[str]:
    """Yield what is told of artefacts, as wide as a terminal of ``width`` columns: what is wider stands below.

    Names are wrapped or shortened, numbers and the artefacts' folder never.  ``changes`` are of classes that lost
    recall, each with its artefact's name.
    """
    from derm_cli.evaluation.reporting.formats import as_text
    from derm_cli.evaluation.reporting.tables.table import Table

    header = ("format", *PARITY, "photographs")
    rows = tuple(_parity_cells(each) for each in artefacts)
    yield as_text(Table("artefacts", "", header, rows), width)
    for folder in dict.fromkeys(each.path.parent for each in artefacts):
        files = ", ".join(each.path.name for each in artefacts if each.path.parent == folder)
        yield textwrap.fill(f"Written to {folder}: {files}", width, break_long_words=False, break_on_hyphens=False)
    for name in dict.fromkeys(name for name, _ in changes):
        of_classes = tuple(_recall_cells(each) for artefact, each in changes if artefact == name)
        yield f"\nRecall of classes, by {name}:\n{as_text(Table('recall', '', _RECALL, of_classes), width)}"


_RECALL = ("class", "photographs", "the run", "the file", "difference")


def _parity_cells(artefact: ExportedArtefact) -> tuple[str | int, ...]:
    parity = artefact.parity
    cells = parity_cells(artefact.size, parity.max_difference, parity.agreement)
    return artefact.name, *cells, parity.photographs


def _recall_cells(change: RecallChange) -> tuple[str | int, ...]:
    interval = "" if change.low is None else f" ({change.low:+.1%} to {change.high:+.1%})"
    difference = f"{change.after - change.before:+.1%}{interval}"
    name = change.name if len(change.name) <= LONGEST_NAME else f"{change.name[: LONGEST_NAME - 1]}…"
    return name, change.cases, f"{change.before:.1%}", f"{change.after:.1%}", difference
