"""ROC and precision-recall curves: their areas are what the legend tells."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.reporting.plots import threshold_curves
from derm_cli.evaluation.reporting.plots.threshold_curves import _thinned, precision_recall_plot, roc_plot
from tests.support.synthetic_tables import random_table, small


def test_what_is_drawn_has_the_area_that_the_legend_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: dict[str, list[tuple[np.ndarray, np.ndarray, str]]] = {}

    class Axes:
        """Take down what is plotted."""

        def __init__(self, name: str) -> None:
            self.lines = lines.setdefault(name, [])

        def plot(self, x: np.ndarray, y: np.ndarray, drawstyle: str = "", **more: object) -> None:
            self.lines.append((np.array(x), np.array(y), drawstyle))

        def __getattr__(self, name: str) -> object:
            return lambda *_, **__: None

    monkeypatch.setattr(threshold_curves, "as_svg", lambda draw, name: str(draw(Axes(name))))
    table, evaluation = random_table(3, 150, 4), evaluation_of(random_table(3, 150, 4), draws=0)
    assert table.probabilities is not None
    roc_plot(table, evaluation)
    precision_recall_plot(table, evaluation)
    _, *roc = lines["roc"]
    for class_index, name in enumerate(table.classes):
        truth, scores = table.labels == name, table.probabilities[:, class_index]
        x, y, style = roc[class_index]
        assert style == "default"
        assert np.trapezoid(y, x) == pytest.approx(roc_auc_score(truth, scores))
        x, y, style = lines["pr"][class_index]
        assert style == "steps-post"
        area = (-np.diff(x) * y[:-1]).sum()
        assert area == pytest.approx(average_precision_score(truth, scores))


def test_what_cannot_be_drawn_is_none() -> None:
    for table in (small("AB", "AB", "AB"), small("AA", "AA", "AB", [[0.9, 0.1], [0.8, 0.2]])):
        evaluation = evaluation_of(table, draws=0)
        assert roc_plot(table, evaluation) is None
        assert precision_recall_plot(table, evaluation) is None


def test_long_curves_are_thinned_to_points_that_keep_their_shape() -> None:
    x = np.sort(np.random.default_rng(0).random(50_000))
    y = np.sqrt(x)
    points = _thinned(x, y)
    assert len(points) <= 200
    assert (points[0], points[-1]) == (0, 49_999)
    assert np.abs(np.interp(x, x[points], y[points]) - y).max() < 0.02
