"""Validation after an epoch: loss and balanced accuracy on photographs that are not trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.engine.cutting import Cut
from derm_cli.engine.features import BATCH, compute_features, feature_bytes, feature_shape, model_outputs
from derm_cli.engine.feeding import PhotographSource
from derm_cli.engine.stepping import make_forward


@dataclass(frozen=True)
class Validation:
    """The validation part of a stage: photographs, and their labels as class indices, int32 (n,)."""

    photographs: PhotographSource
    labels: npt.NDArray[np.int32]


@dataclass(frozen=True)
class ValidationMetrics:
    """Mean cross-entropy in nats, and balanced accuracy in 0..1 over the classes that occur."""

    loss: float
    balanced_accuracy: float


class Validator:
    """Validates a network as it is now; the features of the part below the cut are computed once and kept."""

    def __init__(self, cut: Cut, validation: Validation, memory: int, compiled: bool) -> None:
        self._labels = validation.labels
        self._source: PhotographSource = validation.photographs
        count = len(validation.labels)
        if cut.features_can_be_cached and feature_bytes(cut, count) <= memory:
            self._source = compute_features(cut, validation.photographs, compiled, "Features of the validation part")
            entry: Any = keras.Input(feature_shape(cut), dtype="float32")
            flow = entry
        else:
            entry = keras.Input(cut.network.model.input.shape[1:], dtype="float32")
            flow = cut.below(entry)
        flow = flow if cut.body is None else cut.body(keras.tree.flatten(flow))
        (flow,) = keras.tree.flatten(flow)
        self._logits = make_forward(keras.Model([entry], cut.network.apply_head(flow)), compiled)

    def prepare(self) -> None:
        """Trace the forward pass, before anything but the photographs or the network's values changes."""
        example = np.broadcast_to(np.float32(0), (BATCH, *self._source.shape[1:]))
        self._logits.trace(example)

    def validate(self) -> ValidationMetrics:
        """Return loss and balanced accuracy of the network as it is now."""
        return validation_metrics(model_outputs(self._logits, self._source), self._labels)


def validation_metrics(logits: npt.NDArray[np.floating[Any]], labels: npt.NDArray[np.int32]) -> ValidationMetrics:
    """Return the metrics of ``logits``, (n, classes), for ``labels``, class indices (n,)."""
    exact = logits.astype(np.float64)
    exact -= exact.max(axis=1, keepdims=True)
    losses = np.log(np.exp(exact).sum(axis=1)) - exact[np.arange(len(labels)), labels]
    correct = exact.argmax(axis=1) == labels
    recalls = [correct[labels == label].mean() for label in np.unique(labels)]
    return ValidationMetrics(float(losses.mean()), float(np.mean(recalls)))
