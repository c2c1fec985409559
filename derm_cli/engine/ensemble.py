"""An ensemble as one network: the members side by side on one photograph, and the mean of their probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from derm_cli.engine.copying import copied_model
from derm_cli.engine.network import PROBABILITIES


def ensemble_network(models: Sequence[keras.Model]) -> keras.Model:
    """Return a flat network with the layers and weights of finished ``models``, and the mean of their probabilities.

    All take photographs, float32 RGB 0..255 (n, size, size, 3), of one size, and give the same classes; so does the
    network.  With M members it is p(y|x) = 1/M sum of p_m(y|x), the members as a mixture with equal weights
    (Lakshminarayanan et al., Simple and scalable predictive uncertainty estimation using deep ensembles, NIPS 2017,
    section 2.4).  The mean of the logits would be a product of experts instead, which is sure wherever one member is.
    """
    _, *shape = models[0].input_shape
    entry = keras.Input(shape, name="image")
    answers = [_answers(model, entry, f"member{number}_") for number, model in enumerate(models, start=1)]
    return keras.Model(entry, keras.layers.Average(dtype="float32", name=PROBABILITIES)(answers))


def _answers(model: keras.Model, entry: keras.KerasTensor, prefix: str) -> keras.KerasTensor:
    """Return the probabilities that a copy of ``model`` gives; its layers have ``prefix`` before their names."""
    return copied_model(model, entry, changed=lambda config: {**config, "name": prefix + config["name"]}).output
