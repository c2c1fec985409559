"""The page of a run: one file with every figure, in which names are text."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest

from derm_cli.evaluation.confusion import draw_confusion
from derm_cli.evaluation.figures import evaluate
from derm_cli.evaluation.predictions import Predictions
from derm_cli.evaluation.report import write_report
from derm_cli.evaluation.tables import overall_rows, per_class_rows

EVALUATION = evaluate(
    Predictions(
        classes=("MEL", "<b>NEV</b>", "SK"),
        case_ids=("1", "2", "3"),
        labels=np.array(["MEL", "MEL", "<b>NEV</b>"]),
        predictions=np.array(["MEL", "<b>NEV</b>", "<b>NEV</b>"]),
        probabilities=None,
    )
)


@pytest.fixture
def page(tmp_path):
    draw_confusion(EVALUATION, tmp_path / "confusion.png", "Run x", made=True)
    target = tmp_path / "report.html"
    facts = {"backbone": "effnet-b3", "chain": "imagenet, <edra>"}
    write_report(EVALUATION, tmp_path / "confusion.png", target, "Run x", facts, made=True)
    return target.read_text(encoding="utf-8")


def test_it_has_every_figure_and_note(page):
    for row in (*per_class_rows(EVALUATION), *overall_rows(EVALUATION)):
        cells = [cell.replace("<", "&lt;").replace(">", "&gt;") for cell in row]
        assert re.search("".join(f"<t[hd][^>]*>{re.escape(cell)}</t[hd]>" for cell in cells), page), row
    assert "No test photograph of &#39;SK&#39;: its sensitivity is unknown." in page
    assert "effnet-b3" in page


def test_names_are_text_and_nothing_is_fetched(page):
    assert "<b>" not in page
    assert "imagenet, &lt;edra&gt;" in page
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)


def test_it_carries_the_picture(page, tmp_path):
    (carried,) = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert base64.b64decode(carried) == (tmp_path / "confusion.png").read_bytes()


def test_synthetic_photographs_are_called_so(page, tmp_path):
    assert "SYNTHETIC" in page
    write_report(EVALUATION, tmp_path / "confusion.png", tmp_path / "real.html", "Run x", {}, made=False)
    assert "SYNTHETIC" not in (tmp_path / "real.html").read_text(encoding="utf-8")
