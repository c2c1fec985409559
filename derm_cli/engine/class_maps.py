"""Class maps: the score of each class at each position of a photograph, which the head computes anyway.

Zhou et al., Learning deep features for discriminative localization, CVPR 2016; with a head that averages after its 1x1
convolution, as in Nedelcu et al. 2021, section III, the map needs no computation of its own.
"""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.engine.network import CLASS_MAP
from derm_cli.engine.reading import STATISTICS


class ClassMaps:
    """The class maps of a finished model, as a run stores it.

    ``shape`` is how many positions a map has, (h, w): the model's own feature map, far fewer than its pixels.
    """

    def __init__(self, model: keras.Model) -> None:
        self._maps = keras.Model(model.inputs[0], model.get_layer(CLASS_MAP).output)
        height, width = self._maps.output_shape[1:3]
        self.shape: tuple[int, int] = (height, width)

    @property
    def have_positions(self) -> bool:
        """Whether a map tells of positions: a head that reads statistics of the photograph knows of none."""
        return all(layer.name != STATISTICS for layer in self._maps.layers)

    def __call__(self, photographs: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return the score of each class at each position, float32 (n, h, w, classes).

        ``photographs`` are uint8 RGB (n, size, size, 3).  At each position the mean of all classes is taken off:
        softmax sees differences alone, so what all classes have in common is left as chance began it, and says nothing.
        The mean over the positions, put through softmax, is the model's prediction.
        """
        maps = self._maps(keras.ops.convert_to_tensor(photographs.astype(np.float32)), training=False)
        scores = np.asarray(keras.ops.convert_to_numpy(maps), dtype=np.float32)
        return np.asarray(scores - scores.mean(axis=-1, keepdims=True), dtype=np.float32)
