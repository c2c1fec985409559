"""``derm data ingest``."""

from __future__ import annotations

from typing import Any

import click

from derm_cli import console
from derm_cli.cli import session
from derm_cli.cli.data.naming import name_argument
from derm_cli.cli.options import json_option, resize_options


@click.command("ingest")
@name_argument
@click.option("--size", type=click.IntRange(min=32), required=True, metavar="PIXELS", help="Side of the photographs.")
@resize_options
@json_option
@click.pass_context
def command(ctx: click.Context, /, name: str, as_json: bool, **rule: Any) -> None:
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
