"""``derm data template``."""

from __future__ import annotations

from pathlib import Path

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, json_option, spec_names
from derm_cli.cli.shared.output_files import WritingCommand, output_folder
from derm_cli.cli.shared.printing import echo, echo_json
from derm_cli.errors import one_line
from derm_cli.plugin import DatasetSpec


@click.command("template", cls=WritingCommand)
@click.argument("name", shell_complete=completing(spec_names(DatasetSpec)))
@click.argument("folder", type=output_folder)
@json_option
@click.pass_context
def command(ctx: click.Context, name: str, folder: Path, as_json: bool) -> None:
    """Write an empty, documented layout for photographs of your own.

    NAME is dermai, for a clinic's photographs under the paper's classes, or csv, for classes of your own; FOLDER is
    new, or empty.
    """
    from derm_cli.workflows.data.template import write_template

    written = write_template(session(ctx), name, folder)
    if as_json:
        echo_json({"name": name, "path": str(folder.resolve()), "written": written})
    else:
        echo(f"Written to {one_line(str(folder))}:\n" + "\n".join(f"  {one_line(path)}" for path in written))
