"""What a network reads: the middle of a photograph alone, and statistics of its middle layers.

Photographs of lesions have the lesion in their middle.  What tells lesions apart is colour and texture more than shape:
with few photographs, means and spreads of the maps of middle blocks say more than the top of a network that was trained
on objects (docs/reference/recipes.md has figures).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from derm_cli.errors import RequestError, first_line
from derm_cli.plugin import BackboneSpec, Block
from derm_cli.plugin.calling import wrong_result

FOCUS = "focus"
"""The name of the layer that crops the middle of a photograph."""
MEAN, STATISTICS = "mean", "statistics"
POOLINGS = (MEAN, STATISTICS)
"""What the head reads: the mean of the last feature map (the paper's), or statistics of middle ones."""


def margin_of(size: int, focus: float) -> int:
    """Return the pixels that are left out at each border of a photograph of ``size`` pixels a side."""
    return round(size * (1 - focus) / 2)


LEAST_SIDE = 32
"""Pixels of a side under which a network of five strides has nothing left to see."""


def shrunk_side(side: int, scale: float) -> int:
    """Return the pixels of a side of ``side`` pixels at ``scale``, a share above 0, up to 1."""
    return round(side * scale)


def check_scale(phase: str, scale: float, side: int) -> None:
    """Refuse a scale at which too little is left of the ``side`` pixels that a network looks at."""
    if scale < 1 and shrunk_side(side, scale) < LEAST_SIDE:
        raise RequestError(
            f"Phase '{phase}' has scale '{scale:g}', which leaves {shrunk_side(side, scale)} of {side} pixels a side, "
            f"but a network needs {LEAST_SIDE}: give a larger scale or --size."
        )


def build_flat(spec: BackboneSpec, size: int, weights: str | None) -> Any:
    """Build a backbone, whose plugin may have models inside it, as one network of layers.

    Raises DermError where a model inside it cannot be taken apart.
    """
    from derm_cli.plugin.flattening import flattened, has_models_inside

    backbone = spec.build(size, weights)
    try:
        return flattened(backbone) if has_models_inside(backbone) else backbone
    except (ValueError, TypeError, AttributeError, NotImplementedError) as error:
        said = f"gives a network with a model inside that cannot be taken apart ({first_line(error)})"
        raise wrong_result(spec.build, said, f"Backbone '{spec.name}' {said}: tell its author.") from error


def reading_spec(spec: BackboneSpec, focus: float, pooling: str) -> BackboneSpec:
    """Return a backbone that reads the middle of a photograph, the share ``focus`` of each side, as ``pooling`` says.

    Its ``build`` gives for ``mean`` the feature map, for ``statistics`` a map of one position, (n, 1, 1, channels): of
    each channel of the maps in which the blocks ``spec.statistics`` end, the mean over all positions and the mean
    absolute deviation from it.  Blocks above the uppermost of them are not in it.  With focus 1 and ``mean`` it is
    ``spec`` itself.
    """
    if focus == 1 and pooling == MEAN:
        return spec

    # What is wrong with its network is told of the plugin's own function.
    @functools.wraps(spec.build)
    def build(size: int, weights: str | None) -> Any:
        backbone = build_flat(spec, size - 2 * margin_of(size, focus), weights)
        if pooling == STATISTICS:
            backbone = _with_statistics(backbone, [block for block in spec.blocks if block.name in read])
        return _behind_margin(backbone, margin_of(size, focus)) if focus < 1 else backbone

    if pooling == MEAN:
        return replace(spec, build=build)
    names = [block.name for block in spec.blocks]
    read = spec.statistics or tuple(names[1:] or names)
    return replace(spec, build=build, blocks=spec.blocks[min(names.index(each) for each in read) :])


def check_reading(focus: float, pooling: str) -> None:
    """Refuse a focus or a pooling that there is not."""
    if not 0.1 <= focus <= 1:
        raise RequestError(f"--focus is '{focus}', but must be a share of the photograph's side from 0.1 to 1.")
    if pooling not in POOLINGS:
        raise RequestError(f"--pooling is '{pooling}', but must be one of {', '.join(POOLINGS)}.")


def _with_statistics(backbone: Any, blocks: Sequence[Block]) -> Any:
    """Return the part of a backbone up to the ends of ``blocks``, with their statistics as its output.

    Of Keras's own layers alone: a finished model is loaded, converted and run without derm.
    """
    import keras
    from keras import layers

    described = []
    for block in reversed(blocks):
        name, flow = f"statistics_{block.name}", _end_of(backbone, block)
        mean = layers.GlobalAveragePooling2D(keepdims=True, dtype="float32", name=f"{name}_mean")(flow)
        apart = layers.Subtract(dtype="float32", name=f"{name}_apart")([flow, mean])
        above = layers.ReLU(dtype="float32", name=f"{name}_above")(apart)
        below = layers.ReLU(dtype="float32", name=f"{name}_below")(
            layers.Rescaling(-1.0, dtype="float32", name=f"{name}_negated")(apart)
        )
        distance = layers.Add(dtype="float32", name=f"{name}_distance")([above, below])
        deviation = layers.GlobalAveragePooling2D(keepdims=True, dtype="float32", name=f"{name}_deviation")(distance)
        described += [mean, deviation]
    return keras.Model(backbone.input, layers.Concatenate(dtype="float32", name=STATISTICS)(described))


def _end_of(backbone: Any, block: Block) -> Any:
    """Return the output of the last layer of a block."""
    from fnmatch import fnmatchcase

    inside = [layer for layer in backbone.layers if any(fnmatchcase(layer.name, each) for each in block.layers)]
    return inside[-1].output


def _behind_margin(backbone: Any, margin: int) -> Any:
    """Return a copy of a backbone, with its weights, that takes photographs with a margin and does not look at it."""
    import keras

    from derm_cli.engine.copying import copied_model

    _, height, width, _ = backbone.input_shape
    entry = keras.Input((height + 2 * margin, width + 2 * margin, 3), name="image")
    middle = keras.layers.Cropping2D(margin, dtype="float32", name=FOCUS)(entry)

    return copied_model(backbone, entry, reads=middle)
