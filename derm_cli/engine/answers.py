"""A finished model that takes answers beside the photograph: their logits are added to its own, before softmax."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.engine.network import LOGITS, PROBABILITIES

ANSWERS = "answers"
"""The name of the second input, float32 (n, k)."""
ANSWER_LOGITS = "answer_logits"
_SUM = "logits_of_both"


def with_answers(model: keras.Model, weights: npt.NDArray[np.floating]) -> keras.Model:
    """Return ``model`` with a second input ``answers``, whose logits ``answers @ weights`` are added to its own.

    ``weights`` is (k, classes), float32 from then on, and goes without a bias: for answers of zeros the model gives
    its own probabilities, bit for bit.
    """
    answers = keras.Input((len(weights),), name=ANSWERS, dtype="float32")
    dense = keras.layers.Dense(weights.shape[1], use_bias=False, dtype="float32", name=ANSWER_LOGITS)
    both = keras.layers.Add(dtype="float32", name=_SUM)([model.get_layer(LOGITS).output, dense(answers)])
    output = keras.layers.Softmax(dtype="float32", name=PROBABILITIES)(both)
    dense.set_weights([np.asarray(weights, dtype=np.float32)])
    return keras.Model([model.inputs[0], answers], output)


def photograph_model(model: keras.Model) -> keras.Model:
    """Return a finished model without its second input, where it has one: from photographs alone to probabilities."""
    if len(model.inputs) == 1:
        return model
    softmax = keras.layers.Softmax(dtype="float32", name=PROBABILITIES)
    return keras.Model(model.inputs[0], softmax(model.get_layer(LOGITS).output))
