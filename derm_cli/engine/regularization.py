"""Layers that a phase may put around the network while it trains; none is part of the finished model."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class Mix(keras.layers.Layer):
    """Mixup (Zhang et al. 2018, equation 2): photographs (n, h, w, 3), partners int32 (n,), shares float32 (n,).

    Each photograph keeps its share, and the one at its partner's position in the batch gives the rest.
    """

    def call(self, photographs: Any, partners: Any, shares: Any) -> Any:
        """Return the photographs mixed."""
        share_kept = ops.reshape(shares, (-1, 1, 1, 1))
        return share_kept * photographs + (1.0 - share_kept) * ops.take(photographs, partners, axis=0)


class ChannelDropout(keras.layers.SpatialDropout2D):
    """Dropout (Srivastava et al. 2014) of whole channels of a feature map, before a head that averages over positions.

    The average of a dropped channel is a dropped average, so this is the usual dropout before a head.
    """
