"""A head that begins with a regression on the features of the frozen network, not with chance.

Fine-tuning that begins so distorts good features less (Kumar et al. 2022, section 3.4: linear probing, then
fine-tuning).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.engine.cutting import cut_network
from derm_cli.engine.features import compute_features
from derm_cli.engine.feeding import PhotographSource
from derm_cli.engine.network import CLASS_MAP, Network

LEAST_SPREAD = 1e-3
"""Of a feature, under which it is taken for a constant."""


def start_head(
    network: Network,
    sources: Sequence[PhotographSource],
    labels: npt.NDArray[np.integer[Any]],
    *,
    weights: npt.NDArray[np.float64],
    strength: float,
    compiled: bool,
) -> None:
    """Give the head of ``network`` the weights of a multinomial logistic regression of ``labels``, class indices (n,).

    It is fitted on the features of the photographs of each of ``sources``, the same n in several forms, standardized,
    each weighing its class's of ``weights``, (classes,). ``strength`` is scikit-learn's C for one source: the weight of
    the photographs' losses, summed, against half the squared norm of the coefficients; several sources share it. A
    class without a photograph keeps a score that is lower than any other's.
    """
    cut = cut_network(network, ())
    label = "Features of the head's regression"
    features = [compute_features(cut, each, compiled, label).values.reshape(len(labels), -1) for each in sources]
    coefficients, offsets = regression(
        np.concatenate(features).astype(np.float64), np.tile(labels, len(sources)), weights, strength / len(sources)
    )
    layer = network.model.get_layer(CLASS_MAP)
    layer.set_weights([coefficients[np.newaxis, np.newaxis].astype(np.float32), offsets.astype(np.float32)])


@dataclass(frozen=True)
class AugmentedPhotographs:
    """Photographs as an augmentation changes them, by its next draws: float32 RGB 0..255, in place of uint8."""

    photographs: PhotographSource
    augment: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all of them as one array, (n, size, size, 3)."""
        return self.photographs.shape

    @property
    def nbytes(self) -> int:
        """The bytes that they take as they are stored."""
        return self.photographs.nbytes

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of a pixel's value."""
        return np.dtype(np.float32)

    def take(self, indices: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
        """Return the photographs at ``indices``, changed by the next draw."""
        plain = keras.ops.convert_to_tensor(self.photographs.take(indices).astype(np.float32))
        return np.asarray(keras.ops.convert_to_numpy(self.augment(plain)), dtype=np.float32)


def regression(
    features: npt.NDArray[np.float64],
    labels: npt.NDArray[np.integer[Any]],
    weights: npt.NDArray[np.float64],
    strength: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the coefficients, (features, classes), and offsets, (classes,), of the regression of :func:`start_head`.

    They are of the features as they come: standardizing is folded into them.
    """
    from sklearn.linear_model import LogisticRegression

    mean, spread = features.mean(axis=0), features.std(axis=0)
    scale = np.where(spread < LEAST_SPREAD, 0.0, 1.0 / np.maximum(spread, LEAST_SPREAD))
    present = np.unique(labels)
    coefficients = np.zeros((features.shape[1], len(weights)))
    offsets = np.zeros(len(weights))
    if len(present) > 1:
        model = LogisticRegression(C=strength, max_iter=1000)
        model.fit((features - mean) * scale, labels, sample_weight=weights[labels])
        rows, constants = model.coef_, model.intercept_
        if len(present) == 2:
            # Of two classes scikit-learn has the difference alone.
            rows, constants = np.concatenate([-rows, rows]) / 2, np.concatenate([-constants, constants]) / 2
        coefficients[:, present] = (rows * scale).T
        offsets[present] = constants - mean @ coefficients[:, present]
    missing = np.setdiff1d(np.arange(len(weights)), present)
    if len(missing):
        scores = features @ coefficients[:, present] + offsets[present]
        offsets[missing] = scores.min() - 1.0
    return coefficients, offsets
