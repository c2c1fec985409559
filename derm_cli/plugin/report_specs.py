"""What plugins add to a report: a section of their own, of paragraphs, tables and plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from derm_cli.errors import SpecError
from derm_cli.plugin.spec import Spec

if TYPE_CHECKING:
    from derm_cli.plugin.judging_specs import JudgedCases, JudgedClass


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportSectionFacts:
    """What a section is written from: the evaluation that the report is of.

    ``title`` is the report's, ``classes`` are those of the predictions.  ``cases`` are the predictions, None where
    nobody was kept for a test; they name no case, patient or file, and have NaN for probabilities that there are not.
    ``evaluation`` has the values of evaluation.json.  ``synthetic`` tells whether any photograph was.
    """

    title: str
    classes: tuple[JudgedClass, ...]
    cases: JudgedCases | None
    evaluation: Mapping[str, Any]
    synthetic: bool


@dataclass(frozen=True, kw_only=True)
class ReportParagraph:
    """A paragraph: ``text``, which is shown as it is, and none of it is markup."""

    text: str


@dataclass(frozen=True, kw_only=True)
class ReportTable:
    """A table under its ``title``: the columns' headings, and rows of as many cells.

    A cell is text, a number, or None for what is undefined.  Numbers that are no whole ones are shown with
    ``decimals``.  Raises SpecError where a row has another number of cells.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]
    decimals: int = 3

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.header):
                raise SpecError(
                    f"report table '{self.title}': row {number} has {len(row)} cells under {len(self.header)} headings."
                )


@dataclass(frozen=True, kw_only=True)
class ReportPlot:
    """A plot under its ``title``: ``content`` is a matplotlib figure, or the bytes of a PNG or an SVG.

    ``reading`` says how it is to be read, and is what a screen reader tells in its place.  An SVG with scripts, events,
    or links to anything outside of it is refused.
    """

    title: str
    content: Any
    reading: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ReportSectionSpec(Spec):
    """A section of the report, in its table of contents under its ``title``, with ``subtitle`` in plain words.

    ``render(facts)`` returns its parts in their order; without any, the section is left out.  ``after`` is the id of
    the section of derm's that it follows, as the page's addresses have it (``triage`` in ``report.html#triage``); it
    is the last of the sections where there is none of that id.  Derm escapes all text and embeds all plots, so the page
    stays one file without anything of the plugin's that runs or loads.
    """

    kind: ClassVar[str] = "report section"
    hook: ClassVar[str] = "derm_report_sections"

    name: str
    title: str
    render: Callable[[ReportSectionFacts], Sequence[ReportParagraph | ReportTable | ReportPlot]]
    subtitle: str = ""
    after: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_callable("render")
        for name in ("subtitle", "after"):
            self._require(isinstance(getattr(self, name), str), name, getattr(self, name), "a text")
