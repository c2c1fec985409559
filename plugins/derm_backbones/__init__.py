"""The built-in backbones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import BackboneSpec


@hookimpl
def derm_backbones() -> list[BackboneSpec]:
    """Return the networks of keras.applications, the EfficientNet-Lite ones, and ``features``."""
    from derm_backbones import specs

    return [
        specs.EFFNET_B3,
        specs.RESNET50,
        specs.MOBILENET_V2,
        specs.EFFNET_LITE0,
        specs.EFFNET_LITE1,
        specs.EFFNET_LITE2,
        specs.EFFNET_V2_B0,
        specs.CONVNEXT_TINY,
        specs.FEATURES,
    ]
