"""Looking at a validation part after each epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.engine.cutting import Cut
from derm_cli.engine.features import answers, bytes_kept, features_of, shape_kept
from derm_cli.engine.feeding import PhotographSource
from derm_cli.engine.stepping import forward


@dataclass(frozen=True)
class Validation:
    """Photographs that are looked at and not learnt from, and their labels as places in the class list, int32 (n,)."""

    photographs: PhotographSource
    labels: npt.NDArray[np.int32]


@dataclass(frozen=True)
class ValidationMetrics:
    """What came of a look: mean cross-entropy in nats, and balanced accuracy in 0..1 over the classes that occur."""

    loss: float
    balanced_accuracy: float


class Validator:
    """Looks at a validation part with the network as it is; the features of the part below the cut are kept."""

    def __init__(self, cut: Cut, validation: Validation, memory: int, compiled: bool) -> None:
        self._labels = validation.labels
        self._source: PhotographSource = validation.photographs
        count = len(validation.labels)
        if cut.fixed and bytes_kept(cut, count) <= memory:
            self._source = features_of(cut, validation.photographs, compiled, "Features of the validation part")
            entry: Any = keras.Input(shape_kept(cut), dtype="float32")
            flow = entry
        else:
            entry = keras.Input(cut.network.model.input.shape[1:], dtype="float32")
            flow = cut.below(entry)
        flow = flow if cut.body is None else cut.body(keras.tree.flatten(flow))
        (flow,) = keras.tree.flatten(flow)
        self._logits = forward(keras.Model([entry], cut.network.logits_of(flow)), compiled)

    def look(self) -> ValidationMetrics:
        """Return loss and balanced accuracy of the network as it is now."""
        return seen(answers(self._logits, self._source), self._labels)


def seen(logits: npt.NDArray[np.floating[Any]], labels: npt.NDArray[np.int32]) -> ValidationMetrics:
    """Return what logits, (n, classes), say of labels, (n,)."""
    exact = logits.astype(np.float64)
    exact -= exact.max(axis=1, keepdims=True)
    losses = np.log(np.exp(exact).sum(axis=1)) - exact[np.arange(len(labels)), labels]
    right = exact.argmax(axis=1) == labels
    recalls = [right[labels == label].mean() for label in np.unique(labels)]
    return ValidationMetrics(float(losses.mean()), float(np.mean(recalls)))
