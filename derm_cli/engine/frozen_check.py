"""Whether what a phase freezes stays as it is, to the bit: hashes of its frozen blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

import keras
import numpy as np

from derm_cli.engine.network import Network


def frozen_hashes(network: Network, unfrozen: Collection[str]) -> dict[str, str]:
    """Return the hash of each block that is not among ``unfrozen``, weights and BatchNorm statistics alike."""
    return {name: weights_hash(network.variables(name)) for name in network.blocks if name not in unfrozen}


def weights_hash(variables: list[Any]) -> str:
    """Return the SHA-256 of the values of variables, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for variable in variables:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).tobytes())
    return digest.hexdigest()
