"""How several commands print: a listing, and the tables of an evaluation."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derm_cli import console
from derm_cli.errors import one_line, printable
from derm_cli.evaluation import SYNTHETIC
from derm_cli.invocation import pasteable

if TYPE_CHECKING:
    from derm_cli.evaluation.judging import Judgement
    from derm_cli.evaluation.reporting.tables.table import Table
    from derm_cli.runs.folder import RunFolder

SUMMARY = ("classes", "overall")
"""The tables that end a training."""
NONE_TOLD = "None."
"""What stands in the place of a table all of whose rows are folded."""


def echo(text: str, *, err: bool = False) -> None:
    """Print lines in which names may be anything: what a terminal would take for a command is escaped."""
    click.echo(printable(text), err=err)


def echo_json(value: Any, indent: int | None = 2) -> None:
    """Print a value as JSON, in which names stay what they are: JSON has escapes of its own."""
    click.echo(console.as_json(value, indent))


def echo_json_piece(text: str) -> None:
    """Print a part of a document of JSON, which is to be seen at once."""
    click.echo(text, nl=False)


def confirm(question: str, *, abort: bool = False, err: bool = False) -> bool:
    """Ask a question that is answered by yes or no; what is escaped is as in :func:`echo`."""
    return click.confirm(printable(question), abort=abort, err=err)


def print_listing(as_json: bool, headers: list[str], rows: list[list[Any]], values: Any, empty: str) -> None:
    """Print ``values`` as JSON, or ``rows`` as a table, or say that there is nothing."""
    if as_json:
        echo_json(values)
    elif rows:
        echo(console.table(headers, rows))
    else:
        echo(pasteable(empty))


def print_tables(
    tables: Iterable[Table], title: str, notes: Iterable[str], synthetic: bool, *, unfold: str = ""
) -> None:
    """Print the tables of an evaluation as wide as the terminal.

    ``unfold`` is the option that prints rows that are folded; without one they are printed.
    """
    from derm_cli.evaluation.reporting.formats import as_text

    width = shutil.get_terminal_size((100, 24)).columns
    echo(one_line(title))
    if synthetic:
        echo(SYNTHETIC)
    for table in tables:
        heading = "" if table.name in SUMMARY else textwrap.fill(table.title, width) + "\n"
        shown = table.told if unfold else table
        echo(f"\n{heading}{as_text(shown, width) if shown.rows else NONE_TOLD}")
        if unfold and table.folded:
            echo(textwrap.fill(f"{table.fold_title} {unfold} prints them.", width))
    for note in notes:
        echo(pasteable(one_line(note)))


def print_summary(judgement: Judgement, title: str, synthetic: bool) -> None:
    """Print what ends a training: each class, all together, and whether that is better than the baselines."""
    from derm_cli.evaluation.reporting.tables.baselines import baseline_sentences
    from derm_cli.evaluation.reporting.tables.judgement import judgement_tables

    tables = [table for table in judgement_tables(judgement) if table.name in SUMMARY]
    print_tables(tables, title, (*baseline_sentences(judgement.baselines), *judgement.notes), synthetic)


def print_run_summary(run: RunFolder, title: str | None = None) -> None:
    """Print how a finished run did on its test part, under ``title``, by default the run's own.

    Where nobody was kept for one, what stands in its place.
    """
    from derm_cli.workflows.evaluating.no_test import nobody_kept, what_instead
    from derm_cli.workflows.evaluating.run_evaluation import evaluation_title, is_synthetic, judge_run
    from derm_cli.workflows.evaluating.without_test import substitute_for_test, title_without_test

    if run.plan.keeps_test_part:
        print_summary(judge_run(run), title or evaluation_title(run), is_synthetic(run))
        return
    found = substitute_for_test(run)
    if found:
        print_summary(found.judgement, title_without_test(run, found), is_synthetic(run))
    else:
        print_tables((), title_without_test(run, None), (nobody_kept(run), what_instead(run)), is_synthetic(run))


def write_tables(tables: Collection[Table], csv_file: Path | None, latex_file: Path | None) -> None:
    """Write the tables of an evaluation for a program and for a paper, where that is asked for."""
    from derm_cli.evaluation.reporting.formats import as_csv, as_latex
    from derm_cli.files import write_text

    if csv_file:
        write_text(csv_file, as_csv(tables))
    if latex_file:
        write_text(latex_file, "\n\n".join(map(as_latex, tables)) + "\n")
