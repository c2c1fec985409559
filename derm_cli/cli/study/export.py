"""``derm study export``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.endings import print_next
from derm_cli.cli.shared.export_options import (
    FormatsCommand,
    formats_asked_for,
    quantize_option,
    require_formats,
    variants_asked_for,
)
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import PARITY, assumed_width, echo, echo_json, parity_cells
from derm_cli.cli.study.asked_for import study_name_argument
from derm_cli.errors import DermError, one_line
from derm_cli.nouns import counted

if TYPE_CHECKING:
    from derm_cli.studies.exporting.row_exports import RowExport


@click.command("export", cls=FormatsCommand)
@study_name_argument
@quantize_option
@click.option("--row", "rows", multiple=True, metavar="NAME", help="This row alone; repeatable.  [default: all]")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    name: str,
    *,
    quantize: tuple[str, ...],
    rows: tuple[str, ...],
    as_json: bool,
    **flags: Any,
) -> None:
    """Export a model of each row, for sizes and latencies.

    One run of each row is exported as 'derm export' does, checked against the run; what was exported before stays.
    The report reads the sizes, and the latencies that 'derm benchmark' keeps beside; 'derm study choose --within-mb'
    reads the sizes.
    """
    formats = formats_asked_for(ctx, flags)
    require_formats(ctx, formats)
    from derm_cli.studies.exporting.row_exports import export_rows
    from derm_cli.studies.storage.folder import Studies

    here = session(ctx)
    folder = Studies(here.runs.root).find(name)
    found = list(export_rows(here, folder, formats, variants_asked_for(quantize), rows))
    if as_json:
        echo_json({"study": name, "rows": [each.to_json() for each in found]})
    else:
        for text in _as_text(found):
            echo(text)
    failed = [each for each in found if each.reason]
    if failed:
        raise DermError(
            f"{len(failed)} of {counted(len(found), 'row')} could not be exported: mend that, and give the same "
            "command again, which takes what is there."
        )
    if not as_json:
        paths = [shlex.quote(str(each.path_of(artefact))) for each in found for artefact in each.artefacts.values()]
        print_next(f"benchmark {' '.join(paths)}")
        print_next(f"study report {shlex.quote(name)}")


def _as_text(found: Sequence[RowExport]) -> list[str]:
    """Return the artefacts as a table, and below it why rows have none."""
    from derm_cli.evaluation.reporting.formats import as_text
    from derm_cli.evaluation.reporting.tables.table import Table

    header = ("row", "format", *PARITY, "")
    rows = tuple(
        (
            one_line(each.row),
            name,
            *parity_cells(artefact.size, artefact.max_difference, artefact.agreement),
            "" if name in each.written else "there before",
        )
        for each in found
        for name, artefact in each.artefacts.items()
    )
    table = [as_text(Table("exports", "", header, rows), assumed_width())] if rows else []
    return [*table, *(one_line(f"Not exported: '{each.row}': {each.reason}") for each in found if each.reason)]
