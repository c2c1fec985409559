"""How several commands print: a listing, and the tables of an evaluation."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

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
NO_TITLES: Mapping[str, str] = {}
NONE_TOLD = "None."
"""What stands in the place of a table all of whose rows are folded."""


def echo(text: str, *, err: bool = False) -> None:
    """Print lines in which names may be anything: what a terminal would take for a command is escaped."""
    click.echo(printable(text), err=err)


def echo_error(sentence: str) -> None:
    """Print what went wrong on standard error, behind ``Error:``, which stands out on a terminal."""
    click.echo(f"{console.with_colour(ERROR, sys.stderr)} {printable(sentence)}", err=True)


def have_it_stand_out(error: click.ClickException) -> None:
    """Have an error shown as Click shows it, with an ``Error:`` that stands out on a terminal."""
    show = error.show

    def show_standing_out(file: IO[Any] | None = None) -> None:
        if file is not None or not console.has_colours(sys.stderr):
            return show(file)
        show(written := io.StringIO())
        word = console.with_colour(ERROR, sys.stderr)
        return click.echo(re.sub(f"^{ERROR}", lambda _: word, written.getvalue(), flags=re.M), nl=False, err=True)

    error.show = show_standing_out  # type: ignore[method-assign]


ERROR = "Error:"
STATUS_COLOURS = {
    "PROBLEM": "red",
    "failed": "red",
    "interrupted": "yellow",
    "running": "cyan",
    "finished": "green",
}
"""Colours of words that tell how something stands, where they are a whole cell of a table."""


def assumed_width() -> int:
    """Return the columns of the terminal, or ``COLUMNS``; 100 where there is neither."""
    return shutil.get_terminal_size((100, 24)).columns


def listing_width() -> int | None:
    """Return the columns that a listing may have: the terminal's, or ``COLUMNS``; None for a pipe or a file."""
    if os.environ.get("COLUMNS", "").isdigit() or (sys.stdout is not None and sys.stdout.isatty()):
        return assumed_width()
    return None


def percent_cell(share: float | None) -> str:
    """Return a share in 0..1 as a cell of a listing has it: in percent with two decimals, empty where there is none."""
    return "" if share is None else f"{100 * share:.2f}"


PARITY = ("size", "largest difference", "same answer")
"""The heads of :func:`parity_cells`."""


def parity_cells(size: int, max_difference: float, agreement: float) -> tuple[str, str, str]:
    """Return an artefact's bytes, its largest difference from its run, and its share of the run's answers, as cells."""
    return f"{size / 1e6:.1f} MB", f"{max_difference:.1e}", f"{agreement:.1%}"


def fitted_table(
    headers: Sequence[str], rows: Sequence[Sequence[object]], *, whole: Collection[str] = (), spare: Sequence[str] = ()
) -> str:
    """Lay a table out as wide as the terminal is (:func:`derm_cli.console.table`)."""
    return console.table(headers, rows, width=listing_width(), whole=whole, spare=spare)


def echo_table(
    headers: Sequence[str], rows: Sequence[Sequence[object]], *, whole: Collection[str] = (), spare: Sequence[str] = ()
) -> None:
    """Print a table that fits the terminal, in colours where there are some."""
    text = printable(fitted_table(headers, rows, whole=whole, spare=spare))
    click.echo(_coloured(text) if console.has_colours(sys.stdout) else text)


def _coloured(text: str) -> str:
    rule = _RULE.search(text)
    if rule is None:
        return text
    head, line, body = text[: rule.start() - 1], rule[0], text[rule.end() :]
    words = _STATUS.sub(lambda found: click.style(found[0], fg=STATUS_COLOURS[found[0]]), body)
    return "\n".join([*(click.style(each, bold=True) for each in head.split("\n")), line + words])


_RULE = re.compile(r"^ *-[ -]*$", re.MULTILINE)
_STATUS = re.compile(rf"(?<!\S)(?:{'|'.join(STATUS_COLOURS)})(?= \(|\s\s|$)", re.MULTILINE)


def echo_sentence(text: str) -> None:
    """Print a sentence, over as many lines as it takes on a terminal, between words."""
    width = listing_width()
    echo(text if width is None else textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False))


def echo_json(value: Any, indent: int | None = 2) -> None:
    """Print a value as JSON, in which names stay what they are: JSON has escapes of its own."""
    click.echo(console.as_json(value, indent))


def echo_json_piece(text: str) -> None:
    """Print a part of a document of JSON, which is to be seen at once."""
    click.echo(text, nl=False)


def confirm(question: str, *, abort: bool = False, err: bool = False) -> bool:
    """Ask a question that is answered by yes or no; what is escaped is as in :func:`echo`."""
    return click.confirm(printable(question), abort=abort, err=err)


def ask_number(question: str, most: int, default: int) -> int:
    """Ask for a number from 1 to ``most`` on standard error."""
    answer: int = click.prompt(printable(question), type=click.IntRange(1, most), default=default, err=True)
    return answer


def print_listing(
    as_json: bool,
    headers: list[str],
    rows: list[list[Any]],
    values: Any,
    empty: str,
    *,
    whole: Collection[str] = (),
    spare: Sequence[str] = (),
) -> None:
    """Print ``values`` as JSON, or ``rows`` as :func:`echo_table` does, or say that there is nothing."""
    if as_json:
        echo_json(values)
    elif rows:
        echo_table(headers, rows, whole=whole, spare=spare)
    else:
        echo(pasteable(empty))


def print_tables(
    tables: Iterable[Table],
    title: str,
    notes: Iterable[str],
    synthetic: bool,
    *,
    unfold: str = "",
    titles: Mapping[str, str] = NO_TITLES,
) -> None:
    """Print the tables of an evaluation as wide as the terminal.

    ``unfold`` is the option that prints rows that are folded; without one they are printed.  ``titles`` tells what
    names of classes stand for, which a terminal shows beside them, or below where there is no room.
    """
    width = assumed_width()
    echo_sentence(one_line(title))
    if synthetic:
        echo_sentence(SYNTHETIC)
    for table in tables:
        heading = "" if table.name in SUMMARY else textwrap.fill(table.title, width) + "\n"
        shown = table.told if unfold else table
        echo(f"\n{heading}{_with_titles(shown, width, titles) if shown.rows else NONE_TOLD}")
        if unfold and table.folded:
            echo(textwrap.fill(f"{table.fold_title} {unfold} prints them.", width))
    for note in notes:
        echo_sentence(pasteable(one_line(note)))


def _with_titles(table: Table, width: int, titles: Mapping[str, str]) -> str:
    """Return a table as text, on a terminal with what its classes' names stand for."""
    from derm_cli.evaluation.reporting.formats import as_text, shown
    from derm_cli.evaluation.reporting.tables.table import with_class_titles

    text, titled = as_text(table, width), with_class_titles(table, titles)
    if listing_width() is None or titled == table:
        return text
    beside = as_text(titled, width)
    if beside.count("\n\n") == text.count("\n\n") and max(map(len, beside.split("\n"))) <= width:
        return beside
    if table.name != SUMMARY[0]:
        return text
    names = [shown(row[0]) for before, row in zip(table.rows, titled.rows, strict=True) if row[0] != before[0]]
    return f"{text}\n\n{textwrap.fill(one_line(', '.join(names)), width)}"


def print_summary(judgement: Judgement, title: str, synthetic: bool, titles: Mapping[str, str] = NO_TITLES) -> None:
    """Print what ends a training: each class, all together, and whether that is better than the baselines."""
    from derm_cli.evaluation.reporting.tables.baselines import baseline_sentences
    from derm_cli.evaluation.reporting.tables.judgement import judgement_tables

    tables = [table for table in judgement_tables(judgement) if table.name in SUMMARY]
    notes = (*baseline_sentences(judgement.baselines), *judgement.notes)
    print_tables(tables, title, notes, synthetic, titles=titles)


def print_run_summary(run: RunFolder, title: str | None = None) -> None:
    """Print how a finished run did on its test part, under ``title``, by default the run's own.

    Where nobody was kept for one, what stands in its place.
    """
    from derm_cli.workflows.evaluating.no_test import nobody_kept, what_instead
    from derm_cli.workflows.evaluating.report_facts import class_titles
    from derm_cli.workflows.evaluating.run_evaluation import evaluation_title, is_synthetic, judge_run
    from derm_cli.workflows.evaluating.without_test import substitute_for_test, title_without_test

    titles = class_titles(run.plan)
    if run.plan.keeps_test_part:
        print_summary(judge_run(run), title or evaluation_title(run), is_synthetic(run), titles)
        return
    found = substitute_for_test(run)
    if found:
        print_summary(found.judgement, title_without_test(run, found), is_synthetic(run), titles)
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
