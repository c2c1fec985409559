"""Cutting a network below its lowest unfrozen block: what is under the cut needs no backward pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras

from derm_cli.engine.network import Network
from derm_cli.plugin import HEAD


@dataclass(frozen=True)
class Cut:
    """A network in two parts: photographs to features by ``below``, all frozen, and features to logits above.

    ``body`` is what stands between the cut and the head; None where the head alone learns.  ``features`` are the
    tensors that cross the cut, in order.
    """

    network: Network
    below: keras.Model
    body: keras.Model | None
    features: tuple[Any, ...]

    @property
    def features_can_be_cached(self) -> bool:
        """Whether the features can be kept in place of photographs: one tensor crosses the cut."""
        return len(self.features) == 1


def cut_network(network: Network, unfrozen: Iterable[str]) -> Cut:
    """Cut ``network`` under the lowest of the blocks ``unfrozen``; the head always learns."""
    names = {HEAD, *unfrozen}
    learning = {id(layer) for name in names for layer in network.blocks[name]}
    above: set[int] = set()
    crossing: dict[int, Any] = {}
    layer_of = {id(output): layer for layer in network.model.layers for output in keras.tree.flatten(layer.output)}
    for layer in network.model.layers:  # in an order in which every layer comes after what it reads
        inputs = _inputs(layer)
        if id(layer) in learning or any(id(layer_of[id(each)]) in above for each in inputs):
            above.add(id(layer))
    for layer in network.model.layers:
        if id(layer) in above:
            crossing |= {id(each): each for each in _inputs(layer) if id(layer_of[id(each)]) not in above}
    # Where the first layer learns, nothing is below the cut but the photographs themselves.
    features = tuple(crossing.values()) or (network.model.input,)
    only_head = len(features) == 1 and features[0] is network.features
    return Cut(
        network,
        below=keras.Model(network.model.input, list(features)),
        body=None if only_head else keras.Model(list(features), network.features),
        features=features,
    )


def _inputs(layer: keras.Layer) -> list[Any]:
    return [] if isinstance(layer, keras.layers.InputLayer) else list(keras.tree.flatten(layer.input))
