"""Photographs decoded into the packed cache, against a plain Pillow loop; and found there, against decoded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from benchmarks.photographs import SIDE, draw_dataset
from benchmarks.ratios import Spread, in_turns, ratio
from benchmarks.report import Report, Table
from derm_cli.data.packing.pack import pack
from derm_cli.plan import Preprocessing

SIZE = 224
ROUNDS = 5


@dataclass(frozen=True)
class Case:
    """So many photographs of each of six classes, as large as those of a public set or of a phone."""

    name: str
    side: int
    per_class: int


CASES = (Case("as of HAM10000", SIDE, 100), Case("as of a phone", 2000, 20))


def measure(folder: Path, rounds: int = ROUNDS, cases: tuple[Case, ...] = CASES) -> Report:
    """Read the same files by a plain loop, pack them into an empty cache, and ask for them again, in turns."""
    tables, results = [], {}
    for case in cases:
        comparison = _Comparison(folder / str(case.side), case)
        comparison.first()  # once unmeasured: Pillow's plugins are loaded, the files are in the system's cache
        sides = [comparison.plain, comparison.first, comparison.again, comparison.verified, comparison.with_one_more]
        seconds = dict(zip(_Comparison.NAMES, in_turns(rounds, sides), strict=True))
        title = (
            f"Packing: {len(comparison.files)} synthetic photographs of {case.side}x{case.side}, {case.name}, "
            f"at {SIZE}x{SIZE}; {rounds} rounds in turns"
        )
        rows = [
            [
                name,
                Spread.of([each * 1000 for each in times]).text(0),
                ratio(seconds["plain Pillow loop"], times).text(),
            ]
            for name, times in seconds.items()
        ]
        tables.append(Table(title, ["", "ms", "times as fast as the loop"], rows))
        results[case.name] = {"rounds": rounds, "photographs": len(comparison.files), "seconds": seconds}
    return Report(tables, results=results)


class _Comparison:
    """The ways that are compared, on the same files; each returns the seconds that it took."""

    NAMES = (
        "plain Pillow loop",
        "first run: decoded, with facts, and packed",
        "second run: found in the cache",
        "found, and every pixel verified",
        "one photograph more: the others taken over",
    )

    def __init__(self, folder: Path, case: Case) -> None:
        name = draw_dataset(folder / "data", case.per_class, min(case.side, SIDE))
        self.files = sorted((folder / "data" / name / "images").iterdir())
        if case.side > SIDE:
            for path in self.files:
                _enlarge(path, case.side)
        self._caches = (folder / f"cache-{number}" for number in count())
        self._cache, self._plain = next(self._caches), folder / "plain.npy"
        self._more = folder / "more.png"

    def plain(self) -> float:
        """Read the files as a careful user would in a few lines, and keep the pixels."""

        def read() -> None:
            pixels = np.empty((len(self.files), SIZE, SIZE, 3), np.uint8)
            for row, path in enumerate(self.files):
                with Image.open(path) as image:
                    upright = ImageOps.exif_transpose(image).convert("RGB")
                pixels[row] = np.asarray(upright.resize((SIZE, SIZE), Image.Resampling.NEAREST))
            np.save(self._plain, pixels)

        return _seconds(read)

    def first(self) -> float:
        self._cache = next(self._caches)
        return self._pack(self.files, decoded=len(self.files))

    def again(self) -> float:
        return self._pack(self.files, decoded=0)

    def verified(self) -> float:
        return self._pack(self.files, decoded=0, verify=True)

    def with_one_more(self) -> float:
        pixels = np.random.default_rng(time.monotonic_ns()).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(self._more)
        return self._pack([*self.files, self._more], decoded=1)

    def _pack(self, files: list[Path], decoded: int, verify: bool = False) -> float:
        def pack_all() -> None:
            packed = pack(files, Preprocessing(size=SIZE), self._cache, "made photographs", verify=verify)
            assert packed.decoded == decoded

        return _seconds(pack_all)


def _enlarge(path: Path, side: int) -> None:
    """Make a drawn photograph as large as a camera's, with a camera's noise: to draw so many pixels takes minutes."""
    with Image.open(path) as image:
        large = np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BICUBIC), dtype=np.int16)
    noise = np.random.default_rng(side).normal(0, 4, (side, side, 1)).astype(np.int16)
    Image.fromarray((large + noise).clip(0, 255).astype(np.uint8)).save(path, quality=92)


def _seconds(function: Callable[[], None]) -> float:
    started = time.monotonic()
    function()
    return time.monotonic() - started
