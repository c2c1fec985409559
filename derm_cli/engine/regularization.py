"""Layers that a phase may put around the network while it trains; none is part of the finished model."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


class Mix(keras.layers.Layer):
    """Mix photographs (n, h, w, 3) with those at ``partners`` of the batch, int32 (n,).

    Each keeps its share, float32 (n,), and its partner gives the rest (mixup: Zhang et al. 2018, equation 2).  Inside
    its box, float32 (n, 4), top, bottom, left and right in shares of the photograph, the partner is shown alone
    (CutMix: Yun et al. 2019, equation 1).
    """

    def call(self, photographs: Any, partners: Any, shares: Any, boxes: Any = None) -> Any:
        """Return the photographs mixed."""
        share_kept, others = ops.reshape(shares, (-1, 1, 1, 1)), ops.take(photographs, partners, axis=0)
        mixed = share_kept * photographs + (1.0 - share_kept) * others
        return mixed if boxes is None else ops.where(_inside(boxes, *photographs.shape[1:3]), others, mixed)


def _inside(boxes: Any, height: int, width: int) -> Any:
    """Tell of each pixel whether its centre lies in the box of its photograph, (n, h, w, 1)."""
    rows = (np.arange(height, dtype=np.float32) + 0.5)[None] / height
    columns = (np.arange(width, dtype=np.float32) + 0.5)[None] / width
    down = ops.logical_and(rows >= boxes[:, 0:1], rows < boxes[:, 1:2])
    across = ops.logical_and(columns >= boxes[:, 2:3], columns < boxes[:, 3:4])
    return ops.logical_and(down[:, :, None, None], across[:, None, :, None])


class ChannelDropout(keras.layers.SpatialDropout2D):
    """Dropout (Srivastava et al. 2014) of whole channels of a feature map, before a head that averages over positions.

    The average of a dropped channel is a dropped average, so this is the usual dropout before a head.
    """
