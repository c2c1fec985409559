"""What a network looked at: the map of class scores that its head has anyway (Nedelcu et al. 2021, section III)."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.engine.network import CLASS_MAP


class ClassMaps:
    """The class maps of a finished model, as a run stores it."""

    def __init__(self, model: keras.Model) -> None:
        self._maps = keras.Model(model.input, model.get_layer(CLASS_MAP).output)

    def __call__(self, photographs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return the score of each class at each place, float32 (n, h, w, classes), for uint8 RGB (n, size, size, 3).

        Their mean over the places is what goes into softmax.
        """
        found = self._maps(keras.ops.convert_to_tensor(photographs.astype(np.float32)), training=False)
        return np.asarray(keras.ops.convert_to_numpy(found), dtype=np.float32)
