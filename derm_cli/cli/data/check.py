"""``derm data check``."""

from __future__ import annotations

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.data.naming import name_argument
from derm_cli.cli.options import json_option


@click.command("check")
@name_argument
@json_option
@click.pass_context
def command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Decode every photograph, and tell what training would drop and what is suspicious."""
    from derm_cli.workflows.datasets import check_dataset

    report = check_dataset(session(ctx), name)
    if as_json:
        click.echo(console.as_json(report.to_json()))
        return
    spec = report.located.spec
    made = " (SYNTHETIC: made by a program)" if spec.made else ""
    click.echo(f"{spec.title} in {report.located.root}{made}\n")
    click.echo(console.table(["class", "photographs"], [[key, count] for key, count in report.photographs.items()]))
    known = ((report.patients, "patients"), (report.lesions, "lesions"))
    counted = [
        f"{sum(report.photographs.values())} photographs",
        *(f"{n} {what}" for n, what in known if n is not None),
    ]
    click.echo("\n" + ", ".join(counted))
    rows = [["dropped", reason, len(cases), _some(cases)] for reason, cases in report.dropped.items()]
    rows += [["suspicious", finding.what, len(finding.cases), _some(finding.cases)] for finding in report.findings]
    click.echo("\n" + (console.table(["", "what", "cases", "which"], rows) if rows else "Nothing is amiss."))


def _some(cases: tuple[str, ...]) -> str:
    return ", ".join(cases[:3]) + (" …" if len(cases) > 3 else "")
