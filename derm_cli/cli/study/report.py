"""``derm study report``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import json_option
from derm_cli.cli.shared.printing import echo, echo_json, print_tables
from derm_cli.cli.study.asked_for import study_name_argument
from derm_cli.errors import one_line

LONG = ("changes", "spread")
"""Tables that the page and the files have, for which a terminal has no room."""


@click.command("report")
@study_name_argument
@json_option
@click.pass_context
def command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Report what a study comes to: each row, paired differences with intervals, and what the data cannot decide.

    The page, and all tables as CSV, LaTeX and Markdown, are written into the study's folder.
    """
    from derm_cli.studies.reporting.study_report import report_study
    from derm_cli.studies.storage.folder import Studies

    here = session(ctx)
    folder = Studies(here.runs.root).find(name)
    report = report_study(here, folder)
    if as_json:
        echo_json(report.to_json())
        return
    shown = [table for table in report.tables if table.name not in LONG]
    print_tables(shown, report.title, report.decisions, report.synthetic)
    echo(f"\nThe page is {one_line(str(report.path))}, and the tables are beside it.")
    if not folder.is_finished:
        echo(f"Next: derm study resume {name}")
