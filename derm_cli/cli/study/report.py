"""``derm study report``."""

from __future__ import annotations

from pathlib import Path

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option, table_file_options
from derm_cli.cli.shared.output_files import WritingCommand, output_file
from derm_cli.cli.shared.printing import echo, echo_json, print_tables, write_tables
from derm_cli.cli.study.asked_for import study_name_argument
from derm_cli.errors import one_line


@click.command("report", cls=WritingCommand)
@study_name_argument
@click.option("--markdown", type=output_file, metavar="FILE.md", help="Write the tables as Markdown.")
@table_file_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    name: str,
    csv_file: Path | None,
    latex: Path | None,
    markdown: Path | None,
    *,
    as_json: bool,
    force: bool,  # noqa: ARG001  (WritingCommand reads it)
) -> None:
    """Report what a study comes to: each row, paired differences with intervals, and what the data cannot decide.

    The page, and the tables as CSV, LaTeX and Markdown, are written into the study's folder.
    """
    from derm_cli.evaluation.reporting.formats import as_markdown
    from derm_cli.files import write_text
    from derm_cli.study.folder import Studies
    from derm_cli.study.reporting import report_study

    here = session(ctx)
    report = report_study(here, Studies(here.runs.root).find(name))
    write_tables(report.tables, csv_file, latex)
    if markdown:
        write_text(markdown, "\n\n".join(map(as_markdown, report.tables)) + "\n")
    if as_json:
        echo_json(report.to_json())
        return
    shown = [table for table in report.tables if table.name not in ("changes", "spread")]
    print_tables(shown, report.title, report.decisions, report.synthetic)
    echo(f"\nThe page is {one_line(str(report.path))}")
