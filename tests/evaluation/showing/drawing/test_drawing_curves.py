import xml.etree.ElementTree as ET

import numpy as np
import pytest
from made_tables import random_table, small

from derm_cli.evaluation.metrics.calibration import calibration_of
from derm_cli.evaluation.metrics.conformal import abstention_curve
from derm_cli.evaluation.metrics.figures import evaluate
from derm_cli.evaluation.showing.drawing.canvas import INK, line_style
from derm_cli.evaluation.showing.drawing.confusion import confusion_svg
from derm_cli.evaluation.showing.drawing.curves import (
    _thinned,
    abstention_svg,
    history_svg,
    precision_recall_svg,
    reliability_svg,
    roc_svg,
)

EPOCHS = [
    {"stage": "0", "phase": "0", "loss": "2.0", "validation_loss": "2.1", "validation_balanced_accuracy": "0.2"},
    {"stage": "0", "phase": "1", "loss": "1.5", "validation_loss": "1.8", "validation_balanced_accuracy": "0.4"},
    {"stage": "1", "phase": "0", "loss": "1.0", "validation_loss": "", "validation_balanced_accuracy": ""},
]


def pictures() -> dict[str, str | None]:
    table = random_table(0, 200, 3)
    assert table.probabilities is not None
    truth = table.places(table.labels)
    return {
        "roc": roc_svg(table),
        "pr": precision_recall_svg(table),
        "reliability": reliability_svg(calibration_of(table.probabilities, truth)),
        "abstention": abstention_svg(abstention_curve(table.probabilities, truth)),
        "history": history_svg(EPOCHS),
        "confusion": confusion_svg(evaluate(table, draws=0)),
    }


@pytest.fixture(scope="module")
def drawn() -> dict[str, str | None]:
    return pictures()


def test_each_is_one_svg_in_the_ink_of_its_page(drawn: dict[str, str | None]) -> None:
    ids: list[str] = []
    for name, text in drawn.items():
        assert text is not None
        root = ET.fromstring(text)
        assert root.tag.endswith("svg")
        assert "currentColor" in text
        assert INK not in text
        assert "<text" in text, f"the words of '{name}' can be searched and read aloud"
        ids += [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
    assert len(ids) == len(set(ids)), "pictures on one page share no id"


def test_the_same_data_give_the_same_text(drawn: dict[str, str | None]) -> None:
    assert pictures() == drawn


def test_names_and_axes_are_written(drawn: dict[str, str | None]) -> None:
    for name, words in {
        "roc": ("1 - specificity", "sensitivity", "C00", "C02"),
        "pr": ("PPV (precision)", "C01"),
        "reliability": ("confidence", "accuracy"),
        "history": ("training loss", "validation loss", "epoch"),
        "confusion": ("predicted class", "C00"),
    }.items():
        for word in words:
            assert word in (drawn[name] or ""), (name, word)


def test_what_cannot_be_drawn_is_none() -> None:
    assert roc_svg(small("AB", "AB", "AB")) is None
    assert precision_recall_svg(small("AA", "AA", "AB", [[0.9, 0.1], [0.8, 0.2]])) is None
    assert history_svg([]) is None


def test_long_curves_are_thinned_to_points_that_keep_their_shape() -> None:
    across = np.sort(np.random.default_rng(0).random(50_000))
    up = np.sqrt(across)
    kept = _thinned(across, up)
    assert len(kept) <= 200
    assert (kept[0], kept[-1]) == (0, 49_999)
    assert np.abs(np.interp(across, across[kept], up[kept]) - up).max() < 0.02


def test_no_two_of_28_curves_look_alike() -> None:
    assert len({tuple(line_style(place).items()) for place in range(28)}) == 28
