"""The plot of a training: its panels, and where stages and phases begin."""

from __future__ import annotations

import warnings
import xml.etree.ElementTree as ET

from derm_cli.evaluation.reporting.plots.training_history import training_history_plot
from tests.support.pages import EPOCHS


def test_without_an_epoch_nothing_is_drawn() -> None:
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
