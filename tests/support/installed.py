"""Other plugins than those that are installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path


def only_derm_s(points: Iterable[metadata.EntryPoint]) -> Callable[..., object]:
    """Return a stand-in for ``metadata.entry_points`` that has ``points`` in derm's group; others see what is there."""
    real = metadata.entry_points
    made = list(points)
    return lambda **wanted: made if wanted.get("group") == "derm" else real(**wanted)


def install(folder: Path, name: str, source: str) -> Path:
    """Write a plugin of one module, and its distribution of version 1.0, into ``folder``; return the module's file.

    It is installed where ``folder`` is on the path of Python.
    """
    module = name.replace("-", "_")
    file = folder / f"{module}.py"
    file.write_text(source, encoding="utf-8")
    described = folder / f"{module}-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    (described / "entry_points.txt").write_text(f"[derm]\n{name} = {module}\n", encoding="utf-8")
    return file
