"""Synthetic predictions whose names would break a page, and what a page says, read back from its HTML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import numpy as np

from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.reporting.case_flow import CaseFlow, FlowPart
from derm_cli.evaluation.reporting.report import ReportFacts
from derm_cli.evaluation.reporting.tables.table import Number, Table
from tests.support.synthetic_tables import random_table

BAD = "<b onclick=\"alert('x')\">NEV & co</b>"
HEBREW = "נבוס"
SEVERITIES = {BAD: "benign", HEBREW: "malignant", "C02": "indeterminate", "C03": "benign"}
REPORT_FACTS = ReportFacts(
    details={"Model": {"backbone": "effnet-b3", "chain": "imagenet, <edra>"}},
    tables=[
        Table("parts", "What was trained on", ("dataset", "class", "train"), (("<edra>", "MEL", 1011),), keys=2),
        Table("phases", "Training stages and phases", ("stage", "epochs"), (("1 edra", 2),)),
        Table(
            "answers", "What the answers are worth", ("judged by", "accuracy %"), (("photograph alone", Number(0.5)),)
        ),
    ],
    history=[{"stage": "0", "phase": "0", "loss": "2.0"}, {"stage": "0", "phase": "1", "loss": "1.0"}],
    training_datasets=("<edra>",),
    limitations=("A limit of this run, with a < in it.",),
    case_flows=(
        CaseFlow(
            "<edra>",
            {"no file with a < in it": 1200, "no label": 3},
            (FlowPart("train", 700, 210, "trained on"), FlowPart("validation", 99, None), FlowPart("test", 0, 0, "x")),
            {"no class covers it": 5},
        ),
    ),
    class_titles={"C02": "melanoma & <b>", "C03": "C03"},
)

EPOCHS = [
    {"stage": "0", "phase": "0", "loss": "2.0", "validation_loss": "2.1", "validation_balanced_accuracy": "0.2"},
    {"stage": "0", "phase": "1", "loss": "1.5", "validation_loss": "1.8", "validation_balanced_accuracy": "0.4"},
    {"stage": "1", "phase": "0", "loss": "1.0", "validation_loss": "", "validation_balanced_accuracy": ""},
]
"""Rows of a history.csv of two stages, the second without validation."""


def contrast(colour: str, ground: str) -> float:
    """Return the contrast of two colours such as '#1b1f24', 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((_luminance(colour), _luminance(ground)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    shares = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def awkward_predictions(seed: int, cases: int = 300) -> Predictions:
    """Return a synthetic table of four classes, two with names that are not for a page, cut by sex."""
    predictions = random_table(seed, cases, 4)
    names = {"C00": BAD, "C01": HEBREW}

    def renamed(column: np.ndarray) -> np.ndarray:
        return np.array([names.get(name, name) for name in column.tolist()])

    return replace(
        predictions,
        classes=tuple(names.get(each, each) for each in predictions.classes),
        labels=renamed(predictions.labels),
        predictions=renamed(predictions.predictions),
        metadata={"sex": np.array(["male", "female"] * (cases // 2)), "dataset": np.array(["<edra>"] * cases)},
    )


@dataclass
class Page(HTMLParser):
    """The elements of a page: its ``tables`` by caption as rows of texts, and the texts of each ``section``."""

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._section, self._silent, self._cell = "", "", False
        self._rows: list[list[str]] = []

    @classmethod
    def of(cls, text: str) -> Page:
        page = cls()
        page.feed(text)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self.elements.append((tag, about))
        if tag == "section":
            self._section = about["id"] or ""
        if tag in {"style", "script"}:
            self._silent = tag
        if tag == "table":
            self._rows = []
        if tag in {"tr", "caption"}:
            self._rows.append([])
        if tag in {"td", "th", "caption"}:
            self._rows[-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "caption"}:
            self._cell = False
        if tag == "table":
            (caption,), *rows = self._rows
            assert caption not in self.tables, "two tables have the same caption"
            self.tables[caption] = rows
        if tag == self._silent:
            self._silent = ""
        if tag == "section":
            self._section = ""

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._cell:
            self._rows[-1][-1] += data
        self.sections.setdefault(self._section, []).append(data)

    def words(self, section: str) -> str:
        """Return what stands in a section, '' where there is none."""
        return " ".join(" ".join(self.sections.get(section, [])).split())
