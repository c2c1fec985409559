"""A judgement as one HTML page that needs no other file, no network and no program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from derm_cli.evaluation import SYNTHETIC
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.metric_table import OVERALL_METRICS
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.formats import UNDEFINED, shown
from derm_cli.evaluation.reporting.limitations import INTENDED_USE, limits_of
from derm_cli.evaluation.reporting.plots.canvas import BRIGHT, COLOURS
from derm_cli.evaluation.reporting.sections import sections_of
from derm_cli.evaluation.reporting.tables.slices import MAY_BE_CHANCE
from derm_cli.evaluation.reporting.tables.table import Cell, Number, Table
from derm_cli.files import write_text

TEMPLATE = "report.html.jinja"
WARNING = "warning"
"""The heading of a last column that says why a row tells little."""
NARROW = 4
"""Columns up to which a table has room for its intervals beside the figures."""


@dataclass(frozen=True)
class Photograph:
    """A photograph that is shown: a PNG or JPEG as a ``data:`` address, what stands under it, and where it belongs."""

    group: str
    caption: str
    address: str


@dataclass(frozen=True)
class Background:
    """What a reader must know of how the figures came about, all of it text; empty where nothing is known.

    ``facts`` by heading and name; ``sheets`` have data, phases and temperature; ``history`` the rows of history.csv;
    ``trained_on`` the datasets of the training; ``limits`` are sentences on what the figures cannot tell.
    """

    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheets: Sequence[Table] = ()
    history: Sequence[dict[str, str]] = ()
    photographs: Sequence[Photograph] = ()
    trained_on: Sequence[str] = ()
    limits: Sequence[str] = ()


def write_report(
    judgement: Judgement, predictions: Predictions, path: Path, title: str, background: Background, *, made: bool
) -> None:
    """Write the page; whole or not at all.

    ``made`` puts above all that photographs made by a program are among those judged or trained on.  Photographs are
    on the page only where ``background`` has some.
    """
    import jinja2

    # Names of classes and files may hold anything: all of it is text, none of it markup.
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: files(__package__).joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(TEMPLATE).render(
        title=title,
        colours=COLOURS,
        bright=BRIGHT,
        made=made,
        synthetic=SYNTHETIC,
        evaluation=judgement.evaluation,
        headlines=_headlines(judgement),
        sections=sections_of(judgement, predictions, background.sheets, background.history),
        facts=background.facts,
        groups=_grouped(background.photographs),
        notes=judgement.notes,
        intended_use=INTENDED_USE,
        limits=[*background.limits, *limits_of(judgement, predictions, background.trained_on)],
        shown=shown,
        is_figure=lambda cell: isinstance(cell, Number | int),
        numeric=_numeric,
        interval=_interval,
        sort_key=_sort_key,
        narrow=NARROW,
        warning=WARNING,
        may_be_chance=MAY_BE_CHANCE,
        undefined=UNDEFINED,
    )
    write_text(path, page)


def _headlines(judgement: Judgement) -> list[tuple[str, Number]]:
    """Return the few figures that stand on top."""
    evaluation = judgement.evaluation
    names = {"balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "auc": OVERALL_METRICS["auc"].title}
    headlines = [
        (said, Number(getattr(evaluation, name), evaluation.intervals.get(name))) for name, said in names.items()
    ]
    side = judgement.triage and judgement.triage.without_indeterminate
    for point in side.points if side else ():
        if point.target == 0.95:
            shares = {
                "sensitivity": "malignant found, at the threshold chosen for 95\N{NO-BREAK SPACE}%",
                "specificity": "benign not referred, at the same threshold",
            }
            headlines += [
                (said, Number(getattr(point, name), point.intervals.get(name))) for name, said in shares.items()
            ]
    return [(said, figure) for said, figure in headlines if figure.value is not None]


def _grouped(photographs: Sequence[Photograph]) -> dict[str, list[Photograph]]:
    groups: dict[str, list[Photograph]] = {}
    for each in photographs:
        groups.setdefault(each.group, []).append(each)
    return groups


def _numeric(sheet: Table, column: int) -> bool:
    """Tell whether a column has figures, and beside them nothing but empty cells."""
    cells = [row[column] for row in sheet.rows if row[column] != ""]
    return bool(cells) and all(isinstance(cell, Number | int) for cell in cells)


def _interval(cell: Cell) -> str:
    """Return the interval of a cell as it is shown, '' without one."""
    return shown(cell).partition(" ")[2] if isinstance(cell, Number) and cell.value is not None else ""


def _sort_key(cells: Sequence[Cell]) -> str:
    """Return what a column is sorted by: numbers as they are, '' for what is undefined."""
    if len(cells) == 1 and isinstance(cells[0], Number):
        return "" if cells[0].value is None else repr(cells[0].value)
    return " ".join(map(shown, cells))
