"""Holds a backbone to its contract: its network's, and that it is the same after it was saved."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin.contracts.networks import network_fault
from derm_cli.plugin.keras_models import read_keras_model

if TYPE_CHECKING:
    import keras

    from derm_cli.plugin.specs import BackboneSpec


def check_backbone(spec: BackboneSpec, size: int = 64) -> keras.Model:
    """Build the backbone with random weights for photographs of ``size`` pixels and return it.

    Models inside it are taken apart, as training does.  Raises AssertionError where it has a Lambda layer, takes or
    gives other shapes than it should, has a pattern that matches no layer or a layer that is in two blocks, has blocks
    that are not listed from the top, has no scaling before its first kernel, has layers that cannot be loaded, has
    another number of parameters than the spec tells, or is not the same after being saved and loaded.
    """
    import keras

    from derm_cli.plugin.flattening import flattened

    model = spec.build(size, None)
    if isinstance(model, keras.Model):
        model = flattened(model)
    fault = network_fault(model, spec, size)
    assert not fault, fault
    count = model.count_params()
    assert spec.parameters == count, f"'parameters' is {spec.parameters}, but the network has {count}: tell that"
    _check_saving(model, size)
    return model


def _check_saving(model: keras.Model, size: int) -> None:
    import numpy as np

    photographs = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype("float32")
    features = model.predict(photographs, verbose=0)
    assert np.isfinite(features).all(), (
        "the features of raw photographs are not finite: scale them before the first layer that learns"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        reloaded = read_keras_model(path).predict(photographs, verbose=0)
    assert np.array_equal(features, reloaded), (
        "the features differ after saving and loading: return in get_config of each layer of your own all that it needs"
    )
