"""``derm cache``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from derm_cli import config
from derm_cli.cli import session
from derm_cli.cli.shared.options import ListingGroup, json_option
from derm_cli.cli.shared.printing import confirm, echo, echo_json, echo_table
from derm_cli.errors import RequestError, one_line
from derm_cli.invocation import pasteable

if TYPE_CHECKING:
    from derm_cli.workflows.cache import CachedItem

# They stand here so that --help imports no NumPy; tests/cli hold them equal to the workflow's.
KINDS = ("packs", "stages", "features", "programs", "runtimes")


@click.group("cache", cls=ListingGroup)
def command() -> None:
    """List what is in the cache, and remove what was not used for long."""


@command.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List packed photographs, stored stages, features and compiled programs, with size and last use."""
    from derm_cli.workflows.cache import STAGES, list_cache

    settings = session(ctx).settings
    entries = list_cache(session(ctx))
    total = sum(each.bytes for each in entries)
    stages = sum(each.bytes for each in entries if each.kind == STAGES)
    if as_json:
        values = {"folder": str(settings.cache_folder), "entries": [each.to_json() for each in entries]}
        sums = {"bytes": total, "stages_bytes": stages, "cache_limit_bytes": settings.cache_limit_bytes}
        echo_json(values | sums)
        return
    if not entries:
        echo(
            pasteable(f"There is nothing in the cache '{one_line(str(settings.cache_folder))}': 'derm train' fills it.")
        )
        return
    rows = [[each.kind, _description(each.facts), _size(each.bytes), _when(each)] for each in entries]
    echo_table(["kind", "what", "size", "last used (UTC)"], rows, whole=("size", "last used (UTC)"))
    echo(
        f"\n{one_line(str(settings.cache_folder))}: {_size(total)}; "
        f"stages take {_size(stages)} of {settings.cache_limit.value} (cache_limit)"
    )


def _limit(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    try:
        return None if text is None else config.size_in_bytes(text)
    except ValueError as error:
        raise RequestError(f"--limit is {error}.") from None


@command.command("clean")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only this kind; may be repeated.")
@click.option(
    "--limit",
    metavar="SIZE",
    callback=_limit,
    help="Size that the kinds may take together; without it stages and features may take cache_limit each, and the "
    "rest stays.",
)
@click.option("--all", "everything", is_flag=True, help="Remove all of the kinds.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def clean(
    ctx: click.Context,
    *,
    kinds: tuple[str, ...],
    limit: int | None,
    everything: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove the least recently used until the rest is small enough, and what killed processes left half written.

    Nothing is lost: what is needed again is made again.
    """
    from derm_cli.workflows.cache import CleaningResult, entries_to_remove, remove

    entries = entries_to_remove(session(ctx), kinds, limit, everything)
    if entries and not (dry_run or yes):
        folder = one_line(str(session(ctx).settings.cache_folder))
        confirm(f"Remove {_counts_and_size(entries)} from '{folder}'?", abort=True, err=True)
    cleaned = CleaningResult(entries, []) if dry_run else remove(entries)
    if as_json:
        values = {
            "dry_run": dry_run,
            "removed": [each.to_json() for each in cleaned.removed],
            "in_use": [each.to_json() for each in cleaned.in_use],
            "bytes": sum(each.bytes for each in cleaned.removed),
        }
        echo_json(values)
        return
    if not entries:
        echo("There is nothing to remove.")
        return
    echo(f"{'Would remove' if dry_run else 'Removed'} {_counts_and_size(cleaned.removed)}.")
    if cleaned.in_use:
        echo(
            f"Left what a running process is writing: {_counts_and_size(cleaned.in_use)}. Clean again when it is done."
        )


def _description(facts: dict[str, Any]) -> str:
    """Return what is known of an entry in words."""
    if "features" in facts:
        source = f"{facts.get('backbone')} from {facts.get('weights')}"
        return f"features of {facts.get('photographs')} photographs, {source}, by run {facts.get('run')}"
    if "photographs" in facts:
        packed = f"{facts['packed']} of " if "packed" in facts else ""
        return f"{packed}{facts['photographs']} photographs of {facts['size']}×{facts['size']}"
    if "runtime" in facts:
        return f"environment of {facts['runtime']}"
    if "programs" in facts:
        return f"{facts['programs']} files"
    if "backbone" in facts:
        chain = ",".join(facts.get("chain", ()))
        return f"{facts['backbone']} after {chain}, {facts.get('classes')} classes, by run {facts.get('run')}"
    return "damaged" if "damaged" in facts else "unknown"


def _counts_and_size(entries: list[CachedItem]) -> str:
    """Return how many entries of each kind these are, and their size."""
    counted = {kind: sum(each.kind == kind for each in entries) for kind in KINDS}
    named = ", ".join(f"{count} of {kind}" for kind, count in counted.items() if count)
    return f"{named or 'nothing'} ({_size(sum(each.bytes for each in entries))})"


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _when(entry: CachedItem) -> str:
    return str(entry.to_json()["used"])[:16].replace("T", " ")
