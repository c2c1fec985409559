"""Photographs of plain colours and small tables, of which synthetic datasets for tests are made."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image


class Painter:
    """Writes photographs of one colour a class, with noise, so that a network can learn them and no two are alike."""

    def __init__(self, classes: Sequence[str], size: int, seed: int) -> None:
        self.hues = {label: index / len(classes) for index, label in enumerate(classes)}
        self.size = size
        # Each tree has noise of its own, for its photographs would look like those of another.
        self.random = np.random.default_rng([seed, *"".join(classes).encode()])

    def __call__(self, path: Path, label: str, mode: str = "RGB") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        colour = np.array(colorsys.hsv_to_rgb(self.hues[label], 0.8, 0.8)) * 255
        noise = self.random.normal(0, 12, (self.size, self.size, 3))
        Image.fromarray((colour + noise).clip(0, 255).astype("uint8")).convert(mode).save(path)


def write_table(
    path: Path, header: str, rows: Sequence[Sequence[object]], bom: bool = False, delimiter: str = ","
) -> None:
    """Write a table with the line ``header``, in UTF-8 with or without a byte order mark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [header.replace(",", delimiter), *(delimiter.join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig" if bom else "utf-8")
