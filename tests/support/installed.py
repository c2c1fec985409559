"""Other plugins than those that are installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import metadata


def only_derm_s(points: Iterable[metadata.EntryPoint]) -> Callable[..., object]:
    """Return a stand-in for ``metadata.entry_points`` that has ``points`` in derm's group; others see what is there."""
    real = metadata.entry_points
    made = list(points)
    return lambda **wanted: made if wanted.get("group") == "derm" else real(**wanted)
