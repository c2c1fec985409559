"""``derm data download``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derm_cli.cli import session
from derm_cli.cli.shared.options import dataset_argument, json_option
from derm_cli.cli.shared.output_files import WritingCommand, output_folder
from derm_cli.cli.shared.printing import confirm, echo, echo_json, fitted_table
from derm_cli.errors import RequestError, one_line

if TYPE_CHECKING:
    from derm_cli.workflows.data.download import Downloaded, DownloadTerms


@click.command("download", cls=WritingCommand)
@dataset_argument
@click.option("--accept-licence", is_flag=True, help="Accept the dataset's licence without being asked.")
@click.option("--to", type=output_folder, metavar="DIR", help="The dataset's folder, if not the usual one.")
@click.option("--collection", default="", metavar="ID", help="Of the ISIC Archive: this collection.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Of the ISIC Archive: the newest N photographs.")
@click.option("--dry-run", is_flag=True, help="Tell what would be downloaded, and download nothing.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    name: str,
    accept_licence: bool,
    to: Path | None,
    collection: str,
    limit: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Download a dataset whose licence allows it.

    The licence is shown and must be accepted. What is interrupted goes on where it stopped when the command is given
    again. The folder appears when everything is there, checked, unpacked and read.
    """
    from derm_cli.workflows.data.download import Selection, download_dataset, terms_of

    part = Selection(collection, limit)
    if dry_run:
        terms = terms_of(session(ctx), name, to, part)
        if as_json:
            echo_json(terms.to_json())
        else:
            echo(_terms(terms) + _files(terms))
        return

    def accept(terms: DownloadTerms) -> bool:
        echo(_terms(terms), err=True)
        if accept_licence:
            return True
        if not _interactive():
            raise RequestError(
                f"The licence of '{name}' ({terms.licence}) must be accepted, and there is nobody to ask here: give "
                "--accept-licence if you accept it."
            )
        return confirm("Do you accept the licence, and download it?", err=True)

    downloaded = download_dataset(session(ctx), name, accept, to, part)
    if as_json:
        echo_json(downloaded.to_json())
    else:
        echo(_report(downloaded))


def _interactive() -> bool:
    return sys.stdin.isatty()


def _terms(terms: DownloadTerms) -> str:
    from derm_cli.data.downloading.space import size_text

    size = size_text(terms.size) if terms.size else ""
    if terms.unsized:
        size += f"{' and ' if size else ''}{len(terms.unsized)} files of unknown size"
    if terms.lists:
        size += f"{', and ' if size else ''}what the list {', '.join(terms.lists)} names"
    return (
        f"{terms.title}\n"
        f"  licence    {terms.licence}\n"
        f"  cite       {terms.citation}\n"
        f"  home page  {terms.homepage}\n"
        f"  size       {size}\n"
        f"  to         {one_line(str(terms.target))} ({size_text(terms.free)} free)"
    )


def _files(terms: DownloadTerms) -> str:
    from derm_cli.data.downloading.space import size_text

    rows = [
        [
            each.name,
            size_text(each.size) if each.size else "unknown",
            each.checksum.partition(":")[0] or "none told",
            each.address,
        ]
        for each in terms.files
    ]
    return "\n\n" + fitted_table(["file", "size", "checksum", "address"], rows, whole=("size",)) if rows else ""


def _report(downloaded: Downloaded) -> str:
    lines = []
    unchecked = [each for each in downloaded.files if not each.checked]
    if downloaded.already:
        lines.append(f"{downloaded.name} was downloaded before.")
    elif unchecked:
        lines.append(
            f"Nobody tells a checksum for {len(unchecked)} of {len(downloaded.files)} files, so they cannot be "
            "checked; the SHA-256 of what came is in download.json."
        )
    if downloaded.absent:
        lines.append(
            f"The publisher has not got {len(downloaded.absent)} that its list names: {', '.join(downloaded.absent)}"
        )
    lines += [f"Not usable: {count} ({reason})" for reason, count in downloaded.dropped.items()]
    if downloaded.obtain:
        lines.append(f"This is the list alone. For the photographs: {downloaded.obtain}.")
    if downloaded.elsewhere:
        lines.append(f'derm finds it there with, in derm.toml: [datasets.{downloaded.name}] path = "{downloaded.path}"')
    lines.append(f"{downloaded.name} in {downloaded.path}, ready: {downloaded.photographs:,} photographs")
    return "\n".join(map(one_line, lines))
