"""Logits over views: of the plain photograph without any, else the mean of what each arrangement is given."""

import numpy as np
import pandas as pd
import pytest

from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.plugin import ViewSpec
from derm_cli.plugin.registry import Registry
from derm_cli.workflows.training.viewing import viewed_logits
from tests.support.tiny_network import TINY, made_photographs


@pytest.fixture
def network():
    backend.start(seed=2)
    from derm_cli.engine.network import add_head

    return add_head(TINY.build(TINY.input_size, None), TINY, 3)


def test_it_is_the_mean_of_the_logits_of_each_view(network):
    import keras

    photographs, labels = made_photographs(12)
    samples = Samples(photographs, labels, pd.DataFrame(index=range(12)))
    pixels = photographs.take(np.arange(12)).astype(np.float32)
    logits = keras.Model(network.model.input, network.logits)
    views = Registry().get(ViewSpec, "flips").build({})
    each = [np.asarray(logits(np.ascontiguousarray(view(pixels)))) for view in views]
    assert len(each) == 2
    assert np.abs(each[0] - each[1]).max() > 1e-4
    np.testing.assert_allclose(viewed_logits(network, samples, views), np.mean(each, axis=0), atol=1e-5)
    np.testing.assert_allclose(viewed_logits(network, samples), logits(pixels), atol=1e-5)
