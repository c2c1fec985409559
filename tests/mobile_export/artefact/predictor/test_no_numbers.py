"""What is no number is never an answer, whatever runtime gives it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derm_cli.errors import DermError
from mobile_export import derm_exporters
from mobile_export.artefact.predictor import ArtefactPredictor

SPECS = {spec.name: spec for spec in derm_exporters()}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 4])
def test_one_of_many_photographs_is_enough(facts, value, place):
    def run(photographs, _):
        values = np.full((len(photographs), 3), 1 / 3, np.float32)
        values[photographs[:, 0, 0, 0] == 1, 1] = value
        return values

    predictor = ArtefactPredictor(Path("x"), facts, run, batch=2, is_sealed=True)
    photographs = np.zeros((5, 32, 32, 3), np.uint8)
    assert predictor(photographs).shape == (5, 3)
    photographs[place, 0, 0, 0] = 1
    with pytest.raises(DermError, match="gives probabilities that are no numbers"):
        predictor(photographs)


@pytest.mark.parametrize("name", SPECS)
def test_a_network_that_learnt_too_fast_is_told(name, network, facts, tmp_path):
    import keras

    broken = keras.models.clone_model(network)
    broken.set_weights([np.full_like(each, np.nan) for each in network.get_weights()])
    path = tmp_path / f"model{SPECS[name].suffix}"
    SPECS[name].export(broken, facts, path)
    with pytest.raises(DermError, match="gives probabilities that are no numbers"):
        SPECS[name].load(path)(np.zeros((1, 32, 32, 3), np.uint8))
