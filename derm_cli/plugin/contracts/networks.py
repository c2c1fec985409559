"""The contract of a backbone's network: flat, blocks from the top, scaling inside, and layers that can be loaded."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from derm_cli.errors import first_line
from derm_cli.plugin.keras_models import PROGRAM_LAYERS

if TYPE_CHECKING:
    import keras

    from derm_cli.plugin.specs import BackboneSpec


def network_fault(model: Any, spec: BackboneSpec, size: int) -> str:
    """Return what a network that ``spec`` built for photographs of ``size`` pixels a side breaks, '' where nothing.

    It must be a flat Keras model, float32 (n, size, size, 3) to (n, h, w, channels), without Lambda layers; each
    pattern of its blocks must match a layer that is in no other block, and the blocks be listed from the top; something
    must scale photographs before the first kernel; and layers of one's own must be made anew from their config.
    """
    return (
        next(_form_faults(model, size), "")
        or _block_fault(model, spec)
        or _scaling_fault(model)
        or _loading_fault(model)
    )


def _form_faults(model: Any, size: int) -> Iterator[str]:
    import keras

    if not isinstance(model, keras.Model):
        yield f"it builds {model!r}, which is no keras.Model: return keras.Model(image, feature_map)"
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield (
                f"layer '{layer.name}' is a model inside the model, whose layers cannot be frozen by blocks: call its "
                "layers one after another, or clone it onto your own input"
            )
        if (kind := type(layer).__name__) in PROGRAM_LAYERS:
            yield (
                f"layer '{layer.name}' is a {kind} layer, which no finished model can be loaded with: use a layer of "
                "Keras, such as Rescaling, or one of your own with keras.saving.register_keras_serializable"
            )
    for name, tensor in (("input", model.input), ("output", model.output)):
        if not keras.utils.is_keras_tensor(tensor):
            yield f"the {name} is a {type(tensor).__name__}, not one tensor: give the model one {name}"
    if model.input.shape != (None, size, size, 3):
        yield f"the input has the shape {model.input.shape}, but must have {(None, size, size, 3)} for size {size}"
    if model.input.dtype != "float32":
        yield f"the input has the dtype {model.input.dtype}, but must be float32"
    if len(model.output.shape) != 4:
        yield (
            f"the output has the shape {model.output.shape}, and is no feature map: leave out the pooling and the "
            "classifier, so that it is (None, height, width, channels)"
        )


def _block_fault(model: keras.Model, spec: BackboneSpec) -> str:
    depths = []
    blocks: dict[str, str] = {}
    for block in spec.blocks:
        indices = set[int]()
        for pattern in block.layers:
            matches = {index for index, layer in enumerate(model.layers) if fnmatchcase(layer.name, pattern)}
            if not matches:
                return f"the pattern '{pattern}' of block '{block.name}' matches no layer: correct it, or leave it out"
            indices |= matches
        for name in (model.layers[index].name for index in sorted(indices)):
            if name in blocks:
                return f"layer '{name}' is in the blocks '{blocks[name]}' and '{block.name}': let one pattern match it"
            blocks[name] = block.name
        depths.append(min(indices))
    if depths != sorted(depths, reverse=True):
        order = [block.name for _, block in sorted(zip(depths, spec.blocks, strict=True), key=lambda pair: -pair[0])]
        return (
            "the blocks are not listed from the top, so that the lowest would be unfrozen first: list them as "
            f"{', '.join(order)}"
        )
    return ""


def _scaling_fault(model: keras.Model) -> str:
    """Return a fault where nothing stands between photographs and the first kernel; what it computes is its own."""
    from keras import layers

    # What moves pixels, or leaves some out, scales none.
    moving = (layers.InputLayer, layers.ZeroPadding2D, layers.Cropping2D, layers.Resizing)
    scaled = False
    for operation in getattr(model, "operations", model.layers):
        if any(len(weight.shape) > 1 for weight in getattr(operation, "trainable_weights", ())):
            if scaled:
                return ""
            return (
                f"nothing scales the photographs before the layer '{operation.name}': they come as 0 to 255, so begin "
                "with a layer such as keras.layers.Rescaling(1 / 255)"
            )
        scaled |= not isinstance(operation, moving)
    return ""


def _loading_fault(model: keras.Model) -> str:
    """Return a fault where a layer of somebody's own cannot be made anew, as whoever loads the finished model must."""
    import keras

    for layer in model.layers:
        if type(layer).__module__.partition(".")[0] == "keras":
            continue
        try:
            keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        except Exception as error:
            return (
                f"layer '{layer.name}' ({type(layer).__name__}) cannot be loaded again ({first_line(error)}): register "
                "its class with keras.saving.register_keras_serializable, and return in get_config what its "
                "constructor takes"
            )
    return ""
