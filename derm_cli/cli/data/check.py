"""``derm data check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import completing, dataset_names, json_option
from derm_cli.cli.shared.output_files import WritingCommand, force_option, output_file
from derm_cli.cli.shared.printing import echo, echo_json, fitted_table
from derm_cli.errors import DermError, one_line
from derm_cli.invocation import pasteable

if TYPE_CHECKING:
    from derm_cli.data.checking.findings import Case, Finding
    from derm_cli.workflows.data.check import Dataset, Report

NAMED, COPIES = 2, 3
"""How many groups of cases a line of the table names, and how many cases of each."""


@click.command("check", cls=WritingCommand)
@click.argument("names", metavar="NAME|FOLDER/...", nargs=-1, required=True, shell_complete=completing(dataset_names))
@click.option("--strict", is_flag=True, help="Exit with 1 unless there are notes at most.")
@click.option(
    "--html",
    "page",
    type=output_file,
    metavar="FILE",
    help="Write a page too, with small copies of the photographs in question.",
)
@click.option("--no-photographs", is_flag=True, help="Leave the photographs, which are patients', out of the page.")
@force_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    *,
    strict: bool,
    page: Path | None,
    no_photographs: bool,
    force: bool,  # noqa: ARG001  (WritingCommand reads it)
    as_json: bool,
) -> None:
    """Read and decode datasets, and tell what training would drop and what is doubtful.

    Of several datasets it is also told which photographs they have in common.  The last line tells whether one may
    train on them.
    """
    from derm_cli.workflows.data.check import check_datasets

    here = session(ctx)
    report = check_datasets(here, [here.dataset_named(name) for name in names])
    if page is not None:
        report.write_html(page, photographs=not no_photographs)
    if as_json:
        echo_json(report.to_json())
    else:
        echo(pasteable(_text(report, page)))
    if strict and not report.strictly_fit:
        raise DermError("The data are not as --strict wants them: all but notes must be mended.")


def _text(report: Report, page: Path | None) -> str:
    parts = [_of_dataset(each) for each in report.datasets]
    several = len(report.datasets) > 1
    rows = [
        [each.kind.severity, each.kind.title, len(each.cases) or None, _which(each, several)]
        for each in report.findings
    ]
    parts.append(fitted_table(["", "what", "cases", "which"], rows) if rows else "Nothing is amiss.")
    parts += [f"Written: {one_line(str(page))}"] if page else []
    return "\n\n".join([*parts, one_line(report.verdict())])


def _of_dataset(dataset: Dataset) -> str:
    from derm_cli.data.photographs_on_disk import unread_text

    coverage, spec = dataset.coverage, dataset.located.spec
    marker = " (SYNTHETIC: made by a program)" if spec.synthetic else ""
    classes = [[each.name, each.photographs, each.groups] for each in coverage.classes]
    known = ((coverage.patients, "patients"), (coverage.lesions, "lesions"))
    counts = [f"{dataset.usable:,} of {dataset.total:,} photographs", *(f"{n:,} {what}" for n, what in known if n)]
    lines = [f"{', '.join(counts)}; the largest class is {coverage.imbalance:.1f} times the smallest"]
    for name, table in coverage.tables.items():
        lines.append(f"{name}: " + ", ".join(f"{one_line(str(value))}: {count:,}" for value, count in table.items()))
    shown = fitted_table(["class", "photographs", "groups"], classes)
    unread = f"; {unread_text(dataset.unread)}" if dataset.unread else ""
    heading = one_line(f"{spec.title} in {dataset.located.root}{marker}{unread}")
    return f"{heading}\n\n{shown}\n\n" + "\n".join(lines)


def _which(finding: Finding, several: bool) -> str:
    if finding.detail:
        return finding.detail
    named = [" = ".join(_named(case, several) for case in group[:COPIES]) for group in finding.groups[:NAMED]]
    return "; ".join(named + ["…"] * (len(finding.groups) > NAMED))


def _named(case: Case, several: bool) -> str:
    about = [each for each in (case.dataset if several else "", case.label, case.detail) if each]
    return (case.case_id or case.file) + (f" ({', '.join(about)})" if about else "")
