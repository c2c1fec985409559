"""What all plots of a report share: one SVG each, in the ink of its page, the same for the same data."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from derm_cli.evaluation.measure import EvaluationInput, measure_one
from derm_cli.evaluation.metrics.calibration import calibration_of
from derm_cli.evaluation.metrics.classification import evaluation_of
from derm_cli.evaluation.metrics.decision_curve import DecisionCurveMeasure
from derm_cli.evaluation.metrics.selective_prediction import SelectiveMeasure
from derm_cli.evaluation.reporting.plots.confusion_svg import confusion_plot
from derm_cli.evaluation.reporting.plots.decision_curve import decision_curve_plot
from derm_cli.evaluation.reporting.plots.figures import INK, Plot
from derm_cli.evaluation.reporting.plots.reliability import reliability_diagram
from derm_cli.evaluation.reporting.plots.selective_prediction import selective_prediction_plot
from derm_cli.evaluation.reporting.plots.threshold_curves import precision_recall_plot, roc_plot
from derm_cli.evaluation.reporting.plots.training_history import training_history_plot
from tests.support.pages import EPOCHS
from tests.support.synthetic_tables import random_table

TABLE = random_table(0, 200, 3)


def plots() -> dict[str, Plot]:
    assert TABLE.probabilities is not None
    truth, evaluation = TABLE.class_indices(TABLE.labels), evaluation_of(TABLE, draws=20)
    curve = DecisionCurveMeasure.of(EvaluationInput(TABLE, {"C00": "malignant", "C01": "benign"}))
    assert curve is not None
    all_of_them = (
        roc_plot(TABLE, evaluation),
        precision_recall_plot(TABLE, evaluation),
        decision_curve_plot(measure_one(curve, TABLE, 20)),
        reliability_diagram(calibration_of(TABLE.probabilities, truth)),
        selective_prediction_plot(measure_one(SelectiveMeasure(TABLE.probabilities, truth), TABLE, 20).points),
        training_history_plot([each | {"stage_name": f"set $\\bad$ {each['stage']}"} for each in EPOCHS]),
        confusion_plot(evaluation),
    )
    return {each.name: each for each in all_of_them if each is not None}


@pytest.fixture(scope="module")
def drawn() -> dict[str, Plot]:
    return plots()


def test_each_is_one_svg_in_the_ink_of_its_page(drawn: dict[str, Plot]) -> None:
    ids: list[str] = []
    for name, plot in drawn.items():
        root = ET.fromstring(plot.svg)
        assert root.tag.endswith("svg")
        assert "currentColor" in plot.svg
        assert INK not in plot.svg
        assert "<text" in plot.svg, f"the words of '{name}' can be searched"
        assert plot.reading.endswith(".")
        ids += [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
    assert len(ids) == len(set(ids)), "pictures on one page share no id"


def test_the_same_data_give_the_same_text(drawn: dict[str, Plot]) -> None:
    assert plots() == drawn


def test_axes_classes_and_figures_are_written(drawn: dict[str, Plot]) -> None:
    for name, words in {
        "roc": ("1 - specificity", "sensitivity"),
        "pr": ("PPV (precision)",),
        "reliability": ("confidence", "accuracy"),
        "history": ("loss, nats", "balanced accuracy", "epoch", "1 set $\\bad$ 0", "2 set $\\bad$ 1"),
        "confusion": ("predicted class", "C00"),
    }.items():
        for word in words:
            assert word in drawn[name].svg, (name, word)
    evaluation = evaluation_of(TABLE, draws=20)
    assert evaluation.per_class["C02"].auc is not None
    values = {entry.name: entry.value for entry in drawn["roc"].legend}
    assert list(values) == ["C00", "C01", "C02"]
    assert values["C02"].startswith(f"AUC {100 * evaluation.per_class['C02'].auc:.1f} (")
    values = {entry.name: entry.value for entry in drawn["pr"].legend}
    assert values["C01"].endswith(f"%; share {100 * evaluation.per_class['C01'].support / 200:.1f} %")


def test_a_user_s_matplotlibrc_changes_no_plot(drawn):
    import matplotlib as mpl

    # LaTeX, for one, would be asked for letters, and need not be there.
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "axes.grid": True, "text.usetex": True}):
        assert {name: plot.svg for name, plot in plots().items()} == {name: plot.svg for name, plot in drawn.items()}
        assert mpl.rcParams["font.size"] == 30
