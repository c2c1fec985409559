"""The spec of each backbone; Keras and the modules that build the networks are imported when one is built."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from derm_backbones import weights
from derm_cli.plugin import BackboneSpec, Block, VectorFile, WeightSource

if TYPE_CHECKING:
    import keras


def _network(module: str, name: str) -> Callable[[int, str | None], keras.Model]:
    """Return a function that imports ``module`` when it is first called, and builds the network ``name`` there."""

    def build(size: int, weights: str | None) -> keras.Model:
        model: keras.Model = getattr(import_module(f"derm_backbones.{module}"), name)(size, weights)
        return model

    return build


def _opened(path: Path) -> VectorFile:
    from derm_backbones.features.vector_files import read_vectors

    return read_vectors(path)


# The six modules that the paper unfreezes after the head; the last 1x1 convolution goes with the top one.
_EFFNET_BLOCKS = (
    Block(name="block7", layers=("block7*", "top_*")),
    *(Block(name=f"block{number}", layers=(f"block{number}*",)) for number in (6, 5, 4, 3, 2)),
)

_EFFNET_STATISTICS = ("block6", "block5", "block3")

EFFNET_B3 = BackboneSpec(
    name="effnet-b3",
    title="EfficientNet-B3 (Tan and Le 2019)",
    parameters=10_783_528,
    input_size=300,
    build=_network("applications", "effnet_b3"),
    blocks=_EFFNET_BLOCKS,
    weights=(weights.EFFNET_B3,),
    statistics=_EFFNET_STATISTICS,
)

RESNET50 = BackboneSpec(
    name="resnet50",
    title="ResNet50 (He et al. 2016)",
    parameters=23_587_712,
    input_size=300,
    build=_network("applications", "resnet50"),
    blocks=tuple(Block(name=f"conv{number}", layers=(f"conv{number}_*",)) for number in (5, 4, 3, 2)),
    weights=(weights.RESNET50,),
)

# The paper's own grouping: A = block 16, B = 13-15, C = 10-12, D = 6-9.  Keras counts from 0, and names its block 0
# "expanded_conv".
MOBILENET_V2 = BackboneSpec(
    name="mobilenet-v2",
    title="MobileNetV2 (Sandler et al. 2018)",
    parameters=2_257_984,
    input_size=300,
    build=_network("applications", "mobilenet_v2"),
    blocks=(
        Block(name="a", layers=("block_16_*", "Conv_1*", "out_relu")),
        Block(name="b", layers=("block_13_*", "block_14_*", "block_15_*")),
        Block(name="c", layers=("block_10_*", "block_11_*", "block_12_*")),
        Block(name="d", layers=("block_6_*", "block_7_*", "block_8_*", "block_9_*")),
    ),
    weights=(weights.MOBILENET_V2,),
)


def _lite(number: int, title: str, parameters: int, input_size: int, source: WeightSource) -> BackboneSpec:
    return BackboneSpec(
        name=f"effnet-lite{number}",
        title=f"EfficientNet-Lite{number} (Liu 2020), {title}",
        parameters=parameters,
        input_size=input_size,
        build=_network("efficientnet_lite", f"effnet_lite{number}"),
        blocks=_EFFNET_BLOCKS,
        weights=(source,),
        statistics=_EFFNET_STATISTICS,
    )


_FOR_PHONES = "for phones: no squeeze-and-excitation, ReLU6"
EFFNET_LITE0 = _lite(0, _FOR_PHONES, 3_413_024, 224, weights.EFFNET_LITE0)
EFFNET_LITE1 = _lite(1, "for phones, deeper", 4_189_344, 240, weights.EFFNET_LITE1)
EFFNET_LITE2 = _lite(2, "for phones, deeper and wider", 4_869_168, 260, weights.EFFNET_LITE2)

EFFNET_V2_B0 = BackboneSpec(
    name="effnet-v2-b0",
    title="EfficientNetV2-B0 (Tan and Le 2021)",
    parameters=5_919_312,
    input_size=224,
    build=_network("applications", "effnet_v2_b0"),
    blocks=(
        Block(name="block6", layers=("block6*", "top_*")),
        *(Block(name=f"block{number}", layers=(f"block{number}*",)) for number in (5, 4, 3, 2)),
    ),
    weights=(weights.EFFNET_V2_B0,),
    statistics=("block5", "block4", "block3"),
)

FEATURES = BackboneSpec(
    name="features",
    title="vectors of any foundation model, from a file",
    parameters=0,
    input_size=32,
    build=_network("features.coding", "network"),
    blocks=(),
    vectors=_opened,
)

# A downsampling goes with the stage that it begins, Keras's numbers of both from 0.
CONVNEXT_TINY = BackboneSpec(
    name="convnext-tiny",
    title="ConvNeXt-Tiny (Liu et al. 2022)",
    parameters=27_820_128,
    input_size=224,
    build=_network("convnext", "convnext_tiny"),
    blocks=(
        Block(name="stage3", layers=("stage_3_*", "downsampling_*_2", "top_*")),
        Block(name="stage2", layers=("stage_2_*", "downsampling_*_1")),
        Block(name="stage1", layers=("stage_1_*", "downsampling_*_0")),
        Block(name="stage0", layers=("stage_0_*",)),
    ),
    weights=(weights.CONVNEXT_TINY,),
)
