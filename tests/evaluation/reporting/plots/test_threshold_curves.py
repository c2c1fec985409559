import warnings
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from derm_cli.evaluation.metrics.abstention import selective_curve
from derm_cli.evaluation.metrics.calibration import calibration_of
from derm_cli.evaluation.metrics.classification import evaluate
from derm_cli.evaluation.reporting.plots import threshold_curves
from derm_cli.evaluation.reporting.plots.confusion_svg import confusion_plot
from derm_cli.evaluation.reporting.plots.figures import INK, Plot
from derm_cli.evaluation.reporting.plots.line_styles import COLOURS, DARK_PAGE_COLOURS, LegendEntry, line_style
from derm_cli.evaluation.reporting.plots.reliability import reliability_diagram
from derm_cli.evaluation.reporting.plots.selective_prediction import selective_prediction_plot
from derm_cli.evaluation.reporting.plots.threshold_curves import _thinned, precision_recall_plot, roc_plot
from derm_cli.evaluation.reporting.plots.training_history import training_history_plot
from tests.support.synthetic_tables import random_table, small

TABLE = random_table(0, 200, 3)
EPOCHS = [
    {"stage": "0", "phase": "0", "loss": "2.0", "validation_loss": "2.1", "validation_balanced_accuracy": "0.2"},
    {"stage": "0", "phase": "1", "loss": "1.5", "validation_loss": "1.8", "validation_balanced_accuracy": "0.4"},
    {"stage": "1", "phase": "0", "loss": "1.0", "validation_loss": "", "validation_balanced_accuracy": ""},
]


def plots() -> dict[str, Plot]:
    assert TABLE.probabilities is not None
    truth, evaluation = TABLE.class_indices(TABLE.labels), evaluate(TABLE, draws=20)
    all_of_them = (
        roc_plot(TABLE, evaluation),
        precision_recall_plot(TABLE, evaluation),
        reliability_diagram(calibration_of(TABLE.probabilities, truth)),
        selective_prediction_plot(selective_curve(TABLE.probabilities, truth)),
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
        "confusion": ("said to be", "C00"),
    }.items():
        for word in words:
            assert word in drawn[name].svg, (name, word)
    evaluation = evaluate(TABLE, draws=20)
    assert evaluation.per_class["C02"].auc is not None
    values = {entry.name: entry.value for entry in drawn["roc"].legend}
    assert list(values) == ["C00", "C01", "C02"]
    assert values["C02"].startswith(f"AUC {100 * evaluation.per_class['C02'].auc:.1f} (")
    values = {entry.name: entry.value for entry in drawn["pr"].legend}
    assert values["C01"].endswith(f"%; share {100 * evaluation.per_class['C01'].support / 200:.1f} %")


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
    table, evaluation = random_table(3, 150, 4), evaluate(random_table(3, 150, 4), draws=0)
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
        evaluation = evaluate(table, draws=0)
        assert roc_plot(table, evaluation) is None
        assert precision_recall_plot(table, evaluation) is None
    assert training_history_plot([]) is None


def test_a_history_without_validation_has_one_panel() -> None:
    bare = training_history_plot([{"stage": "0", "phase": "0", "loss": "1.0"}])
    assert bare is not None
    assert [entry.name for entry in bare.legend] == ["training loss"]
    assert "balanced accuracy" not in bare.svg
    whole = training_history_plot(EPOCHS)
    assert whole is not None
    assert [entry.name for entry in whole.legend] == [
        "training loss",
        "validation loss",
        "validation balanced accuracy",
    ]


def test_where_stages_and_phases_begin_is_drawn() -> None:
    history = training_history_plot([row | {"stage_name": f"set-{row['stage']}"} for row in EPOCHS])
    assert history is not None
    texts = [each.text for each in ET.fromstring(history.svg).iter("{http://www.w3.org/2000/svg}text")]
    assert [each for each in texts if each and each.endswith(("set-0", "set-1"))] == ["1 set-0", "2 set-1"]
    thin, thick = history.svg.count("stroke-width: 0.5;"), history.svg.count("stroke-width: 1.2;")
    assert (thin, thick) == (2, 2), "in each of the two panels a new phase, and a new stage"


def test_letters_that_the_font_lacks_warn_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = training_history_plot([EPOCHS[0] | {"stage_name": "黑色素瘤"}])
    assert history is not None
    assert "黑色素瘤" in history.svg


def test_long_curves_are_thinned_to_points_that_keep_their_shape() -> None:
    x = np.sort(np.random.default_rng(0).random(50_000))
    y = np.sqrt(x)
    points = _thinned(x, y)
    assert len(points) <= 200
    assert (points[0], points[-1]) == (0, 49_999)
    assert np.abs(np.interp(x, x[points], y[points]) - y).max() < 0.02


def test_no_two_of_30_curves_look_alike() -> None:
    assert len({str(line_style(index)) for index in range(30)}) == 30
    assert len({(LegendEntry(index, "").colour, LegendEntry(index, "").dashes) for index in range(30)}) == 30


def luminance(colour: str) -> float:
    """Relative luminance, as the WCAG 2 defines it."""
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("colours", "ground"), [(COLOURS, "#ffffff"), (DARK_PAGE_COLOURS, "#14171a")])
def test_curves_stand_out_from_their_page(colours: tuple[str, ...], ground: str) -> None:
    """WCAG 2.2, 1.4.11 asks 3 to 1 of what is needed to read a graphic."""
    for each in colours:
        low, high = sorted((luminance(each), luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 3, each


# Machado, Oliveira and Fernandes 2009, full severity: what those see who lack one kind of cone, in linear RGB.
SEEN = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


@pytest.mark.parametrize("colours", [COLOURS, DARK_PAGE_COLOURS])
@pytest.mark.parametrize("kind", ["usual", *SEEN])
def test_curves_are_told_apart_by_those_who_confuse_red_and_green(colours: tuple[str, ...], kind: str) -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    rgb = np.array([[int(each[start : start + 2], 16) / 255 for start in (1, 3, 5)] for each in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = (linear @ np.array(SEEN[kind]).T).clip(0, 1) if kind in SEEN else linear
    simulated = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    lab = rgb2lab(simulated[np.newaxis])[0]
    apart = [
        float(deltaE_ciede2000(lab[first], lab[second]))
        for first in range(len(lab))
        for second in range(first + 1, len(lab))
    ]
    assert min(apart) > 20, f"the nearest two are {min(apart):.1f} apart"
