"""A judgement as the sections of a page: which tables and pictures stand together, and how to read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.metrics.classification import Evaluation
from derm_cli.evaluation.metrics.operating_points import BinaryTriage
from derm_cli.evaluation.metrics.triage import Triage
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.plots.canvas import Picture
from derm_cli.evaluation.reporting.plots.curves import precision_recall_picture, roc_picture
from derm_cli.evaluation.reporting.plots.history import Epochs, history_picture
from derm_cli.evaluation.reporting.plots.matrix import matrix_picture
from derm_cli.evaluation.reporting.plots.uncertainty import abstention_picture, reliability_picture
from derm_cli.evaluation.reporting.tables.judgement import judgement_tables
from derm_cli.evaluation.reporting.tables.table import Number, Row, Table

MOST = 12
"""The most mistakes that are listed."""


@dataclass
class Section:
    """A part of a page: ``words`` say how to read it."""

    id: str
    title: str
    words: str = ""
    sheets: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


TITLES = {
    "classes": "Each class",
    "mistakes": "Mistakes",
    "ranking": "At every threshold",
    "overall": "Overall",
    "triage": "Who is to be referred",
    "calibration": "Whether probabilities can be believed",
    "unsure": "When it is not sure",
    "slices": "Parts of the cases",
    "data": "The data",
    "training": "The training",
}
"""The sections, in the order in which they stand."""
WORDS = {
    "mistakes": "A melanoma called a nevus costs more than a keratosis called a wart: look there first.",
    "triage": (
        "A threshold refers a lesion whose summed probability of the classes to be found is the threshold or more. All "
        "were chosen on the validation part and are told on the test part."
    ),
    "overall": (
        "Accuracy and weighted F1 are ruled by the frequent classes; balanced accuracy and macro F1 give a rare one "
        "the same say."
    ),
    "unsure": (
        "What a classifier gains that may give several classes, or leave a photograph to a person. A coverage that is "
        "lower for one class says that its cases are worse served."
    ),
    "slices": (
        "The gap is the balanced accuracy of a part less that of all other cases. It can come from other diagnoses in "
        "the part as well as from the part itself, and one whose interval holds zero may be chance; of many parts, "
        "some gaps are large by chance alone. A row with a ▲ is too small to say anything."
    ),
}
HOME = {
    **{name: name for name in TITLES},
    "coarse": "classes",
    "severities": "triage",
    "conformal": "unsure",
    "abstention": "unsure",
    "temperature": "calibration",
    "parts": "data",
    "mapping": "data",
    "dropped": "data",
    "phases": "training",
}
"""In which section a sheet stands, by its name.  Any other follows the one before it."""


def sections_of(
    judgement: Judgement, predictions: Predictions, told: Sequence[Table], history: Epochs
) -> list[Section]:
    """Return the sections that have something to show: every sheet of the judgement, and those that are ``told``.

    The latter are of the run: its data and phases; ``history`` are the rows of its history.csv.
    """
    found = {name: Section(name, title, WORDS.get(name, "")) for name, title in TITLES.items()}
    found["classes"].words = _intervals(judgement.evaluation)
    for sheets, home in ((judgement_tables(judgement), "classes"), (told, "data")):
        for name, sheet in _at_home(sheets, home):
            found[name].sheets.append(sheet)
    if judgement.triage is None or not any(side.points for side in _sides(judgement.triage)):
        found["triage"].words = ""
    found["mistakes"].sheets += mistakes_sheets(judgement.evaluation)
    for name, picture in _pictures(judgement, predictions, history):
        if picture is not None:
            found[name].pictures.append(picture)
    return [each for each in found.values() if each.sheets or each.pictures]


def mistakes_sheets(evaluation: Evaluation) -> Iterator[Table]:
    """Yield the most frequent mistakes, those with the largest share of their class first where they are equal."""
    counts, classes = evaluation.counts, evaluation.classes
    support = counts.sum(axis=1)
    wrong = [(row, column) for row, column in np.argwhere(counts).tolist() if row != column]
    wrong.sort(key=lambda pair: (-counts[pair], -counts[pair] / support[pair[0]]))
    rows: tuple[Row, ...] = tuple(
        (classes[row], classes[column], int(counts[row, column]), Number(float(counts[row, column] / support[row])))
        for row, column in wrong[:MOST]
    )
    if rows:
        title = "The most frequent mistakes" if len(wrong) > MOST else "The mistakes, the most frequent first"
        yield Table("mistakes", title, ("true class", "said", "cases", "of the class %"), rows)


def _at_home(sheets: Iterable[Table], home: str) -> Iterator[tuple[str, Table]]:
    for sheet in sheets:
        home = HOME.get(sheet.name, home)
        yield home, sheet


def _pictures(judgement: Judgement, predictions: Predictions, history: Epochs) -> Iterator[tuple[str, Picture | None]]:
    yield "mistakes", matrix_picture(judgement.evaluation)
    yield "ranking", roc_picture(predictions, judgement.evaluation)
    yield "ranking", precision_recall_picture(predictions, judgement.evaluation)
    if judgement.calibration is not None:
        yield "calibration", reliability_picture(judgement.calibration)
    if judgement.abstention:
        yield "unsure", abstention_picture(judgement.abstention)
    yield "training", history_picture(history)


def _sides(triage: Triage) -> list[BinaryTriage]:
    return [side for side in (triage.without_indeterminate, triage.with_indeterminate) if side is not None]


def _intervals(evaluation: Evaluation) -> str:
    if not evaluation.intervals:
        return "Without intervals, for none were asked for."
    drawn = (
        f"from draws of whole patients, of whom there are {evaluation.patients}"
        if evaluation.patients
        else "for which each photograph is taken for a case of its own"
    )
    return f"Each class is held against all others. In brackets stands the 95 % interval, {drawn}."
