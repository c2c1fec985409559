"""Synthetic photographs for the benchmarks, as large as those of HAM10000 (600x450), so that decoding costs as much."""

from __future__ import annotations

from pathlib import Path

from derm_datasets.synthetic import DOMAINS, PHONE, make_dataset

SIDE = 512
PER_CLASS = 25


def draw_dataset(data: Path, per_class: int = PER_CLASS, side: int = SIDE, name: str = PHONE.name) -> str:
    """Draw ``per_class`` photographs of each class of the dataset ``name`` into the data folder; return the name.

    Where it is there already it is taken as it is.
    """
    if not (data / name).exists():
        (domain,) = (each for each in DOMAINS if each.name == name)
        make_dataset(data / name, domain, dict.fromkeys(domain.counts, per_class), size=side)
    return name
