"""Preprocessing that crops to the lesion, its options, and a dataset with masks to crop by."""

from __future__ import annotations

import shutil
from pathlib import Path

from derm_cli.plan import Preprocessing
from tests.support import awkward_photographs, trees

RULE = Preprocessing(
    size=32, resize="letterbox", interpolation="area", crop="lesion", crop_margin=0.3, constancy="shades-of-grey"
)
OPTIONS = [
    *("--resize", "letterbox", "--interpolation", "area", "--crop", "lesion", "--crop-margin", "0.3"),
    *("--constancy", "shades-of-grey"),
]
AWKWARD = ("mirrored.png", "alpha.png", "palette.png", "palette-p3.png", "grey-alpha.png", "sixteen.png", "phone.jpg")


def make_dermofit(root: Path, awkward_folder: Path) -> None:
    """Make Dermofit in its layout, with awkward photographs, and a mask an image but for the first of each class."""
    trees.make_dermofit(root, per_class=6)
    made = awkward_photographs.make_photographs(awkward_folder)
    kinds = [path for path in made if path.name in AWKWARD]
    photographs = sorted(path for path in root.rglob("*.png") if not path.stem.endswith("mask"))
    for number, path in enumerate(photographs):
        if number % 4 == 1:
            # Whatever a file is called, its contents tell what it is.
            shutil.copy(kinds[number // 4 % len(kinds)], path)
        mask = path.with_name(f"{path.stem}mask.png")
        if path.stem.endswith("1"):
            mask.unlink()
        else:
            awkward_photographs.make_mask(path, mask)
