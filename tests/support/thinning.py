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


def shallow_effnet_v2_b0(**options: Any) -> keras.Model:
    """Return EfficientNetV2-B0 with one group of layers a block, where it has up to eight; Keras's stands for it."""
    from keras.src.applications import efficientnet_v2

    model: keras.Model = efficientnet_v2.EfficientNetV2(1.0, 0.1, 224, name="efficientnetv2-b0", **options)
    return model


def shallow_resnet50(**options: Any) -> keras.Model:
    """Return ResNet50 with two groups of layers a block, the first and one behind it, where it has up to six."""
    from keras.src.applications import resnet

    def stack(flow: Any) -> Any:
        for number, filters in enumerate((64, 128, 256, 512), start=2):
            stride = 1 if number == 2 else 2
            flow = resnet.stack_residual_blocks_v1(flow, filters, 2, stride1=stride, name=f"conv{number}")
        return flow

    model: keras.Model = resnet.ResNet(stack, False, True, name="resnet50", **options)
    return model
