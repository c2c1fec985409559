"""The built-in backbones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derm_cli.plugin import hookimpl

if TYPE_CHECKING:
    from derm_cli.plugin import BackboneSpec


@hookimpl
def derm_backbones() -> list[BackboneSpec]:
    """Return ``effnet-b3``, ``resnet50`` and ``mobilenet-v2`` of keras.applications, and ``effnet-lite0``."""
    from derm_backbones import specs

    return [specs.EFFNET_B3, specs.RESNET50, specs.MOBILENET_V2, specs.EFFNET_LITE0]
