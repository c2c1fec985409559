"""The photographs of the benchmarks: made ones, as large as those of HAM10000 (600x450), so decoding costs its like."""

from __future__ import annotations

from pathlib import Path

from derm_datasets.synthetic import PHONE, make_dataset

SIDE = 512
PER_CLASS = 25


def draw(data: Path, per_class: int = PER_CLASS, side: int = SIDE) -> str:
    """Draw ``per_class`` photographs of each class into the data folder ``data``; return the dataset's name.

    Where it is there already it is taken as it is.
    """
    if not (data / PHONE.name).exists():
        make_dataset(data / PHONE.name, PHONE, dict.fromkeys(PHONE.counts, per_class), size=side)
    return PHONE.name
