"""Stand-ins for the paper's three sets: synthetic images, which show nothing, in their layouts, classes and counts.

Training on them costs what training on the paper's own does (Nedelcu et al. 2021, tables I and II).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 300
GRID = 12
"""Each image is a blurred grid of so many random colours a side: no two are alike, as no two photographs are."""
LEAST = 3
"""No class has fewer images, so that it can be split."""


@dataclass(frozen=True)
class PaperSet:
    """A set: its name, its images by class as its files spell them, where an image lies, and what lists them all."""

    name: str
    counts: Mapping[str, int]
    file: Callable[[int, str], str]
    table: str
    rows: Callable[[Sequence[tuple[str, str]]], Iterator[Sequence[object]]]
    delimiter: str = ","


def _edra(listed: Sequence[tuple[str, str]]) -> Iterator[Sequence[object]]:
    yield ("case_num", "diagnosis", "clinic", "derm")
    yield from ((number, label, file.removeprefix("images/"), "") for number, (file, label) in enumerate(listed))


def _dermofit(listed: Sequence[tuple[str, str]]) -> Iterator[Sequence[object]]:
    yield from ((number, Path(file).stem, label) for number, (file, label) in enumerate(listed))


def _dermai(listed: Sequence[tuple[str, str]]) -> Iterator[Sequence[object]]:
    yield ("case", "file", "class")
    yield from ((number, file.removeprefix("images/"), label) for number, (file, label) in enumerate(listed))


EDRA = PaperSet(
    "edra",
    {
        "seborrheic keratosis": 45,
        "miscellaneous": 97,
        "clark nevus": 575,
        "basal cell carcinoma": 42,
        "melanoma": 252,
    },
    lambda number, _: f"images/made/{number:04}.jpg",
    "meta/meta.csv",
    _edra,
)
DERMOFIT = PaperSet(
    "dermofit",
    {
        "SK": 257,
        "AK": 45,
        "ML": 331,
        "VASC": 97,
        "PYO": 24,
        "DF": 65,
        "IEC": 78,
        "SCC": 88,
        "BCC": 239,
        "MEL": 76,
    },
    lambda number, label: f"{label}/M{number:04}/M{number:04}.png",
    "lesionlist.txt",
    _dermofit,
    delimiter=" ",
)
DERMAI = PaperSet(
    "dermai",
    {
        "SebKer": 1186,
        "ActKer": 519,
        "Nev": 618,
        "MolCont": 71,
        "Haem": 70,
        "UncNeop": 246,
        "Drmfib": 141,
        "SLent": 48,
        "PenFib": 115,
        "VWart": 192,
        "OtMalNeop": 116,
        "BCC": 56,
        "MM": 52,
    },
    lambda number, _: f"images/{number:04}.jpg",
    "cases.csv",
    _dermai,
)
PAPER_SETS = {each.name: each for each in (EDRA, DERMOFIT, DERMAI)}


def write_sets(names: Sequence[str], data: Path, images: int | None = None, side: int = SIDE, seed: int = 2021) -> int:
    """Write the sets ``names`` in the data folder, with the paper's numbers of images or ``images``; return how many.

    Fewer than the paper's are shared out among the classes as the paper's are, but for rounding and :data:`LEAST`.
    """
    sets = [PAPER_SETS[name] for name in names]
    paper_images = sum(sum(each.counts.values()) for each in sets)
    share = 1.0 if images is None else images / paper_images
    generator = np.random.default_rng(seed)
    return sum(_write(each, data / each.name, share, side, generator) for each in sets)


def _write(paper_set: PaperSet, root: Path, share: float, side: int, generator: np.random.Generator) -> int:
    counts = {label: max(LEAST, round(count * share)) for label, count in paper_set.counts.items()}
    labels = [label for label, count in counts.items() for _ in range(count)]
    listed = [(paper_set.file(number, label), label) for number, label in enumerate(labels)]
    for file, _ in listed:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        colours = generator.integers(0, 256, (GRID, GRID, 3), dtype=np.uint8)
        Image.fromarray(colours).resize((side, side), Image.Resampling.BILINEAR).save(path)
    table = root / paper_set.table
    table.parent.mkdir(parents=True, exist_ok=True)
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=paper_set.delimiter).writerows(paper_set.rows(listed))
    return len(listed)
