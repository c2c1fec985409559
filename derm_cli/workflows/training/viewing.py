"""What a network makes of photographs over the views by which the finished model answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from derm_cli.data.photographs import ViewedPhotographs
from derm_cli.data.samples import Samples
from derm_cli.engine import backend
from derm_cli.plugin import View

if TYPE_CHECKING:
    from derm_cli.engine.feeding import PhotographSource
    from derm_cli.engine.network import Network


def viewed_logits(network: Network, samples: Samples, views: Sequence[View] = ()) -> npt.NDArray[np.float64]:
    """Return the mean of the logits over ``views`` of each photograph, float64 (n, classes); plain ones without any."""
    from derm_cli.engine.features import predict_logits

    plain = samples.photographs
    seen: list[PhotographSource] = [ViewedPhotographs(plain, view) for view in views]
    logits = [predict_logits(network, each, backend.uses_xla()).astype(np.float64) for each in seen or [plain]]
    return np.asarray(np.mean(logits, axis=0))
