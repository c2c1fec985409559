"""``make coverage``; ``python -m benchmarks.coverage`` has the options."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import click

from benchmarks.coverage.false_alarms import alarm_tables
from benchmarks.coverage.forms import LONG, SHORT, Form
from benchmarks.coverage.intervals import interval_tables, plain_tables
from benchmarks.coverage.printed import printed_tables
from benchmarks.coverage.tallies import markdown
from benchmarks.coverage.thresholds import threshold_tables
from benchmarks.report import Table

SIMULATIONS: dict[str, tuple[str, Callable[[Form], Iterator[Table]]]] = {
    "intervals": ("coverage of the intervals of one table", interval_tables),
    "printed": ("coverage of all other intervals that are printed", printed_tables),
    "plain": ("coverage of plain intervals, which derm printed before", plain_tables),
    "alarms": ("false alarms of comparisons and of subgroups' gaps, and what is found", alarm_tables),
    "thresholds": (
        "what thresholds and prediction sets reach of what they promise",
        lambda form: threshold_tables(form.sets, form.seed, form.most),
    ),
}
"""What is simulated by default and in this order, each with what it is: a function of a form that yields tables."""


@click.command("benchmarks.coverage")
@click.option("--only", multiple=True, type=click.Choice(list(SIMULATIONS)), help="Simulate this one; repeatable.")
@click.option("--sets", type=click.IntRange(1), help=f"Data sets a cell.  [default: {SHORT}, {LONG} with --long]")
@click.option("--long", "is_long", is_flag=True, help="3, 5 and 13 classes, and more data sets: an hour.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of every simulation.")
@click.option("--list", "listed", is_flag=True, help="List the simulations and do nothing.")
def main(only: tuple[str, ...], sets: int | None, is_long: bool, seed: int, listed: bool) -> None:
    """Simulate tables whose truth is known, and print how often what derm says of them holds, as Markdown."""
    if listed:
        return click.echo("\n".join(f"{name}: {title}" for name, (title, _) in SIMULATIONS.items()))
    classes = (3, 5, 13) if is_long else (5,)
    form = Form(sets or (LONG if is_long else SHORT), classes, seed=seed)
    started = time.monotonic()
    for name in only or SIMULATIONS:
        _, tables = SIMULATIONS[name]
        for table in tables(form):
            click.echo(f"{markdown(table)}\n")
    click.echo(f"Simulated in {time.monotonic() - started:.0f} s, from seed {seed}.")
    return None


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.coverage")
