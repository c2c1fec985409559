"""Real backbones with few channels, or few layers a block, for tests of what hangs on their blocks and layers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def thinned(model: keras.Model, times: int) -> keras.Model:
    """Return ``model`` with the same layers and random weights, and so many times fewer channels in each.

    A squeeze-and-excitation block reshapes its channels too.
    """
    import keras

    def thin(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if "filters" in config:
            config["filters"] = max(1, config["filters"] // times)
        if isinstance(layer, keras.layers.Reshape):
            *places, channels = config["target_shape"]
            config["target_shape"] = (*places, channels // times)
        return layer.__class__.from_config(config)

    return keras.models.clone_model(model, clone_function=thin)


def shallow_effnet_b3(name: str = "efficientnetb3", **options: Any) -> keras.Model:
    """Return EfficientNet-B3 with one group of layers a block, where it has up to six: the blocks are the same.

    It stands in the place of ``keras.applications.EfficientNetB3``.
    """
    from keras.src.applications import efficientnet

    model: keras.Model = efficientnet.EfficientNet(1.2, 0.25, 300, 0.3, name=name, **options)
    return model
