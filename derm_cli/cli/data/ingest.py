"""``derm data ingest``."""

from __future__ import annotations

from typing import Any

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import dataset_argument, json_option, preprocessing_options
from derm_cli.cli.shared.printing import echo, echo_json, echo_table
from derm_cli.errors import one_line


@click.command("ingest")
@dataset_argument
@click.option("--size", type=click.IntRange(min=32), required=True, metavar="PIXELS", help="Side of the photographs.")
@preprocessing_options
@click.option("--verify", is_flag=True, help="Read every packed photograph again and compare its checksum.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, name: str, verify: bool, as_json: bool, **rule: Any) -> None:
    """Decode a dataset into the cache ahead of training.

    With the same options `derm train` finds it there.  What is interrupted goes on where it stopped when the command is
    given again.
    """
    from derm_cli.data.requests import PreprocessingRequest
    from derm_cli.workflows.data.ingest import ingest_dataset
    from derm_cli.workflows.preprocessing_steps import requested_preprocessing

    preprocessing = requested_preprocessing(session(ctx).registry, PreprocessingRequest(**rule))
    ingested = ingest_dataset(session(ctx), name, preprocessing, verify=verify)
    packed, records = ingested.packed, ingested.records
    whole = {reason: len(cases) for reason, cases in ingested.uncropped.items()}
    dropped = {str(reason): int(count) for reason, count in records.dropped["reason"].value_counts().items()}
    if as_json:
        values = {
            "name": name,
            "preprocessing": {**preprocessing.to_json(), "sha256": preprocessing.fingerprint()},
            "photographs": len(records.frame),
            "dropped": len(records.dropped),
            "reasons": dropped,
            "decoded": packed.decoded,
            "reused": packed.reused,
            "decoded_now": ingested.fresh,
            "uncropped": whole,
            "verified": verify,
            "damaged": packed.damaged,
            "bytes": packed.photographs.nbytes,
            "data": ingested.fingerprint(),
        }
        echo_json(values)
        return
    how = f"{len(records.frame)} photographs {_how(packed)}, {preprocessing.text()}, {_megabytes(packed)}"
    echo(f"{one_line(name)}: {how}")
    if verify:
        echo(f"Verified: {packed.damaged or 'none'} was damaged{' and is decoded anew' if packed.damaged else ''}")
    rows = [["dropped", reason, count] for reason, count in dropped.items()]
    rows += [["used whole", reason, count] for reason, count in whole.items()]
    if rows:
        echo("")
        echo_table(["", "why", "photographs"], rows)


def _how(packed: Any) -> str:
    if not packed.fresh:
        return "found in the cache"
    parts = [f"{packed.decoded} decoded now"]
    return "packed (" + ", ".join(parts + ([f"{packed.reused} decoded before"] if packed.reused else [])) + ")"


def _megabytes(packed: Any) -> str:
    return f"{packed.photographs.nbytes / 1e6:.1f} MB"
