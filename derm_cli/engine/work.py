"""How much work a network's parts are beside each other: multiplications, and values that are moved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import keras

MULTIPLICATIONS_OF_A_VALUE = 16
"""As many multiplications as it takes time to write a value of a feature map and read it again, about, on a CPU."""


def share_above(model: keras.Model, blocks: Mapping[str, Iterable[keras.Layer]], names: Iterable[str]) -> float:
    """Return the share of a forward pass, 0 to 1, from the lowest layer of the blocks ``names`` on to the end.

    That is what a backward pass goes through where these blocks learn; 0 where none is named.
    """
    learning = {id(layer) for name in names for layer in blocks[name]}
    work = [layer_work(layer) for layer in model.layers]
    lowest = next((i for i, layer in enumerate(model.layers) if id(layer) in learning), len(work))
    return sum(work[lowest:]) / max(sum(work), 1.0)


def network_work(model: keras.Model) -> float:
    """Return the work of a forward pass of one photograph, in multiplications."""
    return max(sum(map(layer_work, model.layers)), 1.0)


def layer_share_above(model: keras.Model, blocks: Mapping[str, Iterable[keras.Layer]], names: Iterable[str]) -> float:
    """Return the same share of the layers by their number, by which the time for compiling goes."""
    learning = {id(layer) for name in names for layer in blocks[name]}
    count = len(model.layers)
    return 1 - next((i for i, layer in enumerate(model.layers) if id(layer) in learning), count) / max(count, 1)


def layer_work(layer: keras.Layer) -> float:
    """Return the work of a layer for one photograph, in multiplications."""
    outputs: list[Any] = keras.tree.flatten(layer.output)
    values = sum(math.prod(side or 1 for side in output.shape[1:]) for output in outputs)
    positions = math.prod(side or 1 for side in outputs[0].shape[1:-1])
    multiplications = sum(math.prod(weight.shape) for weight in layer.weights if len(weight.shape) > 1) * positions
    return float(multiplications + MULTIPLICATIONS_OF_A_VALUE * values)
