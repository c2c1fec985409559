"""``derm data``."""

from __future__ import annotations

from typing import Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.options import ListingGroup, completing, dataset_names, json_option, print_table, resize_options

name_argument = click.argument("name", shell_complete=completing(dataset_names))


@click.group("data", cls=ListingGroup)
def command() -> None:
    """List, check and ingest datasets."""


@command.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the datasets that a chain can name, and where derm looks for each."""
    from derm_cli.workflows.datasets import list_datasets

    located = list_datasets(session(ctx))
    values: list[dict[str, Any]] = [
        {
            "name": each.name,
            "title": each.spec.title,
            "reader": each.spec.name,
            "modality": each.spec.modality,
            "synthetic": each.spec.made,
            "classes": [one.name for one in each.spec.classes],
            "licence": each.spec.licence,
            "path": str(each.root),
            "there": each.there,
        }
        for each in located
    ]
    rows = [[v["name"], len(v["classes"]) or "", v["modality"], v["licence"], _place(v)] for v in values]
    print_table(
        as_json,
        ["dataset", "classes", "modality", "licence", "place"],
        rows,
        values,
        "No plugin adds a dataset.",
    )


@command.command("check")
@name_argument
@json_option
@click.pass_context
def check(ctx: click.Context, name: str, as_json: bool) -> None:
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


@command.command("ingest")
@name_argument
@click.option("--size", type=click.IntRange(min=32), required=True, metavar="PIXELS", help="Side of the photographs.")
@resize_options
@json_option
@click.pass_context
def ingest(ctx: click.Context, /, name: str, as_json: bool, **rule: Any) -> None:
    """Decode a dataset into the cache ahead of training."""
    from derm_cli.plan import Preprocessing
    from derm_cli.workflows.datasets import ingest_dataset

    ingested = ingest_dataset(session(ctx), name, Preprocessing(**rule))
    values = {
        "name": name,
        "photographs": len(ingested.records.frame),
        "dropped": len(ingested.records.dropped),
        "bytes": ingested.photographs.nbytes,
        "decoded_now": ingested.fresh,
    }
    if as_json:
        click.echo(console.as_json(values))
    else:
        megabytes = ingested.photographs.nbytes / 1e6
        how = "decoded now" if ingested.fresh else "found in the cache"
        click.echo(
            f"{name}: {values['photographs']} photographs {how}, {values['dropped']} dropped, {megabytes:.1f} MB"
        )


def _place(value: dict[str, Any]) -> str:
    if value["synthetic"] and not value["there"]:
        return "drawn at first use"
    return value["path"] if value["there"] else f"not in {value['path']}"


def _some(cases: tuple[str, ...]) -> str:
    return ", ".join(cases[:3]) + (" …" if len(cases) > 3 else "")
