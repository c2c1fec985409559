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
from derm_cli.engine.logistic_regression import fit_logistic
from derm_cli.engine.network import CLASS_MAP, Network


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
    everything = np.concatenate(features)
    fitted = fit_logistic(
        everything, np.tile(labels, len(sources)), c=strength / len(sources), classes=len(weights), weights=weights
    )
    offsets, missing = fitted.offsets.copy(), np.setdiff1d(np.arange(len(weights)), fitted.present)
    if len(missing):
        offsets[missing] = fitted.scores(everything)[:, fitted.present].min() - 1.0
    layer = network.model.get_layer(CLASS_MAP)
    layer.set_weights([fitted.coefficients[np.newaxis, np.newaxis].astype(np.float32), offsets.astype(np.float32)])


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
