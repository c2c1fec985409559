"""A judgement as one HTML page that needs no other file, no network and no program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from derm_cli.evaluation import SYNTHETIC
from derm_cli.evaluation.judging import Judgement
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.showing.drawing.confusion import confusion_svg
from derm_cli.evaluation.showing.drawing.curves import (
    abstention_svg,
    history_svg,
    precision_recall_svg,
    reliability_svg,
    roc_svg,
)
from derm_cli.evaluation.showing.sheets import (
    Cell,
    Figure,
    Sheet,
    abstention_sheet,
    calibration_sheet,
    conformal_sheet,
    overall_sheet,
    per_class_sheet,
    slices_sheet,
    triage_sheets,
)
from derm_cli.evaluation.showing.writing import UNDEFINED, shown
from derm_cli.files import write_text

TEMPLATE = "report.html.jinja"
INTENDED_USE = (
    "These figures tell how a classifier did on the photographs of one test part. They are for those who build and "
    "compare classifiers. Derm is no medical device: nothing here may be used to diagnose or treat anybody unless "
    "somebody has validated that use and answers for it."
)
LIMITS = (
    "Figures hold for photographs like those tested: the same cameras, clinics, skin types and diagnoses. Elsewhere "
    "they can be far lower.",
    "Intervals are of 95 % and tell of chance alone, not of labels that are wrong or of patients who are missing.",
    "A class with few photographs has wide intervals: read them before the figure.",
    "How often each class occurs here is not how often it occurs in a clinic: PPV and NPV do not carry over.",
)


@dataclass(frozen=True)
class Photograph:
    """A photograph that is shown: a PNG or JPEG as a ``data:`` address, what stands under it, and where it belongs."""

    group: str
    caption: str
    address: str


@dataclass(frozen=True)
class Background:
    """What a reader must know of how the figures came about, all of it text.

    ``facts`` by name; ``phases``, ``data`` and ``dropped`` are sheets; ``history`` the rows of history.csv.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    sheets: Sequence[Sheet] = ()
    history: Sequence[dict[str, str]] = ()
    photographs: Sequence[Photograph] = ()


@dataclass(frozen=True)
class _Section:
    id: str
    title: str
    sheets: tuple[Sheet, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    words: str = ""


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
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
    page = template.render(
        title=title,
        made=made,
        synthetic=SYNTHETIC,
        judgement=judgement,
        headlines=_headlines(judgement),
        sections=_sections(judgement, predictions, background),
        facts=background.facts,
        groups=_grouped(background.photographs),
        notes=judgement.notes,
        intended_use=INTENDED_USE,
        limits=LIMITS,
        shown=shown,
        is_figure=lambda cell: isinstance(cell, Figure | int),
        sort_key=_sort_key,
        undefined=UNDEFINED,
    )
    write_text(path, page)


def _headlines(judgement: Judgement) -> list[tuple[str, str]]:
    """Return the few figures that stand on top."""
    evaluation = judgement.evaluation
    found = [
        ("balanced accuracy", evaluation.balanced_accuracy, evaluation.intervals.get("balanced_accuracy")),
        ("macro F1", evaluation.macro_f1, evaluation.intervals.get("macro_f1")),
        ("mean AUC", evaluation.auc, evaluation.intervals.get("auc")),
    ]
    headlines = [(name, shown(Figure(value, interval)) + " %") for name, value, interval in found if value is not None]
    side = judgement.triage and judgement.triage.without_indeterminate
    for point in side.points if side else ():
        if point.target == 0.95:
            text = shown(Figure(point.sensitivity, point.intervals.get("sensitivity")))
            other = shown(Figure(point.specificity, point.intervals.get("specificity")))
            headlines.append(("malignant found, chosen for 95 %", f"{text} %"))
            headlines.append(("benign not referred there", f"{other} %"))
    return headlines


def _sections(judgement: Judgement, predictions: Predictions, background: Background) -> list[_Section]:
    evaluation = judgement.evaluation
    curves = [
        ("ROC: each class against all others", roc_svg(predictions)),
        ("Precision and recall: each class against all others", precision_recall_svg(predictions)),
    ]
    sections = [
        _Section(
            "classes",
            "Each class",
            (per_class_sheet(evaluation),),
            (
                ("Which class is taken for which", confusion_svg(evaluation)),
                *((name, svg) for name, svg in curves if svg is not None),
            ),
            "In brackets the 95 % interval"
            + (
                f", by {evaluation.patients} patients." if evaluation.patients else "; cases are taken for independent."
            ),
        ),
        _Section("overall", "All classes together", (overall_sheet(evaluation),)),
    ]
    if judgement.triage is not None:
        words = (
            "Thresholds were chosen on the validation part and are told on the test part. A lesion is referred whose "
            "summed probability of the classes to be found is the threshold or more."
        )
        sections.append(
            _Section("triage", "Who is to be referred", tuple(triage_sheets(judgement.triage)), words=words)
        )
    if judgement.calibration is not None:
        reliability = (
            ("Reliability: a point a bin of confidence, with its cases", reliability_svg(judgement.calibration)),
        )
        sheets = (
            calibration_sheet(judgement),
            *((conformal_sheet(judgement.conformal),) if judgement.conformal else ()),
        )
        sections.append(_Section("calibration", "Whether probabilities can be believed", sheets, reliability))
    if judgement.abstention:
        picture = (("Accuracy of the answers, by how many are answered", abstention_svg(judgement.abstention)),)
        sections.append(_Section("abstention", "Abstaining", (abstention_sheet(judgement),), picture))
    if judgement.slices:
        sections.append(_Section("slices", "Parts of the cases", (slices_sheet(judgement.slices),)))
    history = history_svg(background.history)
    if history is not None:
        words = "A thin line is a new phase, a thick one a new stage."
        sections.append(_Section("history", "The training", pictures=(("Epoch by epoch", history),), words=words))
    if background.sheets:
        sections.append(_Section("background", "Data, chain and phases", tuple(background.sheets)))
    return sections


def _grouped(photographs: Sequence[Photograph]) -> dict[str, list[Photograph]]:
    groups: dict[str, list[Photograph]] = {}
    for each in photographs:
        groups.setdefault(each.group, []).append(each)
    return groups


def _sort_key(cell: Cell) -> str:
    """Return what a column is sorted by: numbers as they are, what is undefined last."""
    if isinstance(cell, Figure):
        return "" if cell.value is None else repr(cell.value)
    return str(cell)
