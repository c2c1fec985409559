"""What writes a small dataset in each built-in layout, by the dataset's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.support import isic_trees, trees

MAKERS: dict[str, Callable[..., Path]] = {
    "edra": trees.make_edra,
    "dermofit": trees.make_dermofit,
    "dermai": trees.make_dermai,
    "pad-ufes-20": trees.make_pad,
    "ham10000": trees.make_ham,
    "isic-2018": isic_trees.make_isic_2018,
    "isic-2019": isic_trees.make_isic_2019,
    "isic-2020": isic_trees.make_isic_2020,
    "isic-archive": isic_trees.make_isic_archive,
    "fitzpatrick17k": trees.make_fitzpatrick17k,
    "ddi": trees.make_ddi,
    "scin": trees.make_scin,
    "folder": trees.make_folder,
    "csv": trees.make_csv,
}
