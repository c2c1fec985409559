"""``derm runs open``."""

from __future__ import annotations

import click

from derm_cli.cli import session
from derm_cli.cli.shared.endings import open_page
from derm_cli.cli.shared.options import completing, run_ids
from derm_cli.cli.shared.printing import echo
from derm_cli.errors import one_line


@click.command("open")
@click.argument("run", required=False, shell_complete=completing(run_ids))
@click.pass_context
def command(ctx: click.Context, run: str | None) -> None:
    """Open a run's report in a browser.

    RUN is an id, the beginning of one, a folder, or 'latest'; by default the chosen run, else the latest finished one.
    """
    from derm_cli.workflows.runs.open import required_report

    runs = session(ctx).runs
    report = required_report(runs.find(run) if run else runs.default())
    echo(f"Report: {one_line(str(report))}")
    open_page(report)
