"""The report of a run, to be looked at: ``derm runs open``."""

from __future__ import annotations

from pathlib import Path

from derm_cli.errors import DermError
from derm_cli.runs import layout
from derm_cli.runs.folder import RunFolder


def report_of(run: RunFolder) -> Path | None:
    """Return the report of a run, None where there is none."""
    report = run / layout.REPORT
    return report if report.is_file() else None


def required_report(run: RunFolder) -> Path:
    """Return the report of a run.  Raises DermError where there is none."""
    report = report_of(run)
    if report is None:
        raise DermError(
            f"Run '{run.id}' is {run.status} and has no report: write one with "
            f"'derm evaluate {run.argument} --report page.html' once it is finished."
        )
    return report
