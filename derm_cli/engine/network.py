"""The network that a stage trains: a backbone, a head on its feature map, and the blocks between which it freezes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from derm_cli.engine.freeze_switches import can_switch, switched
from derm_cli.errors import DermError
from derm_cli.plugin import HEAD, STEM, BackboneSpec

CLASS_MAP = "class_map"
LOGITS = "logits"
PROBABILITIES = "probabilities"

LayerSettings = list[tuple[keras.Layer, bool, float | None]]
"""Of each layer of a network whether it learns, and its momentum, None where it has none."""


@dataclass(frozen=True)
class Network:
    """A flat model from photographs, float32 RGB 0..255 (n, size, size, 3), to probabilities (n, classes).

    ``blocks`` gives the layers of each block by name, ``stem`` and ``head`` included.
    """

    model: keras.Model
    blocks: Mapping[str, tuple[keras.Layer, ...]]

    @property
    def features(self) -> Any:
        """The tensor that the head reads: the backbone's feature map, (n, h, w, channels)."""
        return self.model.get_layer(CLASS_MAP).input

    @property
    def class_map(self) -> Any:
        """The class scores by spatial position, (n, h, w, classes); its mean over positions is the logits."""
        return self.model.get_layer(CLASS_MAP).output

    @property
    def logits(self) -> Any:
        """The tensor before softmax."""
        return self.model.get_layer(LOGITS).output

    @property
    def head(self) -> tuple[keras.layers.Layer, ...]:
        """The layers from a feature map, (n, h, w, channels), to the logits, in their order."""
        return self.model.get_layer(CLASS_MAP), self.model.get_layer(LOGITS)

    def apply_head(self, features: Any) -> Any:
        """Return the logits of a feature map, (n, h, w, channels)."""
        for layer in self.head:
            features = layer(features)
        return features

    def divide_logits(self, temperature: float) -> None:
        """Divide all logits by ``temperature``, above 0, in the head's own weights.

        So a calibrated network needs no layer more, and whatever is made of it is calibrated too.
        """
        layer = self.model.get_layer(CLASS_MAP)
        layer.set_weights([each / np.float32(temperature) for each in layer.get_weights()])

    def shift_logits(self, offsets: npt.NDArray[np.floating[Any]]) -> None:
        """Add ``offsets``, (classes,), to all logits, in the head's own weights."""
        layer = self.model.get_layer(CLASS_MAP)
        kernel, bias = layer.get_weights()
        layer.set_weights([kernel, bias + offsets.astype(np.float32)])

    def unfreeze(self, names: Iterable[str], norm_momentum: float, frozen_norms: bool = False) -> None:
        """Let the head and the blocks ``names`` learn, and nothing else.

        A frozen BatchNorm layer runs in inference mode, so its statistics do not move either; an unfrozen one keeps
        the share ``norm_momentum`` of them at each step, and with ``frozen_norms`` none is unfrozen.  Raises DermError
        for a block that the network has not.
        """
        unfrozen = {HEAD, *names}
        for name in unfrozen:
            if name not in self.blocks:
                raise DermError(f"The backbone has no block '{name}'. Blocks: {', '.join(self.blocks)}.")
        for name, layers in self.blocks.items():
            for layer in layers:
                is_norm = isinstance(layer, keras.layers.BatchNormalization)
                layer.trainable = name in unfrozen and not (is_norm and frozen_norms)
                if layer.trainable and is_norm:
                    layer.momentum = norm_momentum

    def layer_settings(self) -> LayerSettings:
        """Return what :meth:`unfreeze` sets of each layer: whether it learns, and a BatchNorm layer's momentum."""
        layers = (layer for layers in self.blocks.values() for layer in layers)
        return [(layer, layer.trainable, getattr(layer, "momentum", None)) for layer in layers]

    def set_layers(self, settings: LayerSettings) -> None:
        """Set the layers as they were when :meth:`layer_settings` was asked."""
        for layer, trainable, momentum in settings:
            layer.trainable = trainable
            if momentum is not None:
                layer.momentum = momentum

    def variables(self, block: str) -> list[Any]:
        """Return every variable of a block but the states of random generators and switches."""
        return [
            variable
            for layer in self.blocks[block]
            for variable in layer.variables
            if "seed" not in variable.path and not variable.path.startswith(_SWITCH)
        ]


def add_head(backbone: keras.Model, spec: BackboneSpec, classes: int, previous: Network | None = None) -> Network:
    """Put a head for ``classes`` classes on ``backbone``: 1x1 convolution, global average pooling, softmax.

    The convolution gives a map of class scores, which is a class activation map for free (Nedelcu et al. 2021,
    section III).  It and all that follows run in float32.  With ``previous``, its head's weights are carried over.
    """
    layers = [
        keras.layers.Conv2D(classes, 1, dtype="float32", name=CLASS_MAP),
        keras.layers.GlobalAveragePooling2D(dtype="float32", name=LOGITS),
        keras.layers.Softmax(dtype="float32", name=PROBABILITIES),
    ]
    output = backbone.output
    for layer in layers:
        output = layer(output)
    if previous is not None:
        layers[0].set_weights(previous.model.get_layer(CLASS_MAP).get_weights())
    return Network(keras.Model(backbone.input, output), blocks_of(backbone, spec) | {HEAD: tuple(layers)})


def network_of_model(model: keras.Model, spec: BackboneSpec) -> Network:
    """Return the network of a finished model, as a run stores it, with its blocks."""
    head = (CLASS_MAP, LOGITS, PROBABILITIES)
    backbone = keras.Model(model.input, model.get_layer(CLASS_MAP).input)
    return Network(model, blocks_of(backbone, spec) | {HEAD: tuple(model.get_layer(name) for name in head)})


def backbone_of(network: Network) -> keras.Model:
    """Return the backbone that the network was built on, with its weights as they are now."""
    return keras.Model(network.model.input, network.features)


_SWITCH = "switch_of_"


def with_switches(network: Network) -> tuple[Network, dict[str, Any]]:
    """Return a copy of the network whose blocks freeze by value, and the switch of each block: 1 learns, 0 is frozen.

    Raises DermError for a layer that cannot be switched.
    """
    switches = {
        name: keras.Variable(0.0, trainable=False, name=f"{_SWITCH}{name}") for name in network.blocks if name != HEAD
    }
    switch_of = {
        id(layer): switches[name] for name, layers in network.blocks.items() if name != HEAD for layer in layers
    }

    def copy(layer: keras.Layer) -> keras.Layer:
        if not can_switch(layer):
            raise DermError(
                f"Layer '{layer.name}' ({type(layer).__name__}) cannot be frozen by value: train with --programs phase."
            )
        return switched(layer, switch_of.get(id(layer)))

    (entry,) = (layer for layer in network.model.layers if isinstance(layer, keras.layers.InputLayer))
    entry_copy = keras.Input(batch_shape=entry.batch_shape, dtype=entry.dtype, name=entry.name)
    model = keras.models.clone_model(network.model, input_tensors=entry_copy, clone_function=copy)
    copied = Network(
        model, {name: tuple(model.get_layer(each.name) for each in layers) for name, layers in network.blocks.items()}
    )
    copy_weights(network, copied)
    return copied, switches


def copy_weights(source: Network, target: Network) -> None:
    """Give ``target``, a network of the same blocks, every weight, statistic and generator's state of ``source``."""
    for target_variable, source_variable in zip(network_variables(target), network_variables(source), strict=True):
        target_variable.assign(copy_value(source_variable))


def copy_value(variable: Any) -> npt.NDArray[Any]:
    """Return a copy of a variable's value that nothing shares: a backend may take a variable's memory for the next."""
    return np.array(keras.ops.convert_to_numpy(variable))


def network_variables(network: Network) -> list[Any]:
    """Return all that a network is, in an order that an equal one has too: weights, statistics, generators' states."""
    return [variable for variable in network.model.variables if not variable.path.startswith(_SWITCH)]


def blocks_of(backbone: keras.Model, spec: BackboneSpec) -> dict[str, tuple[keras.Layer, ...]]:
    """Return the layers of each block of a backbone, the rest as its stem.

    Raises DermError where a layer is in two blocks, or a block has none.
    """
    layers_of_block: dict[str, list[keras.Layer]] = {block.name: [] for block in spec.blocks} | {STEM: []}
    for layer in backbone.layers:
        owners = [block.name for block in spec.blocks if any(fnmatchcase(layer.name, each) for each in block.layers)]
        if len(owners) > 1:
            names = "' and '".join(owners)
            raise DermError(f"Backbone '{spec.name}': layer '{layer.name}' is in the blocks '{names}'.")
        layers_of_block[owners[0] if owners else STEM].append(layer)
    for name, layers in layers_of_block.items():
        if not layers and name != STEM:
            raise DermError(f"Backbone '{spec.name}': no layer matches its block '{name}'.")
    return {name: tuple(layers) for name, layers in layers_of_block.items()}
