"""What a second run on the same data saves: photographs decoded, against photographs found in the packed cache."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

from benchmarks.photographs import SIDE, draw
from benchmarks.ratios import Spread, in_turns, ratio
from benchmarks.report import Report, Table
from derm_cli.data.packing import pack
from derm_cli.plan import Preprocessing

SIZE = 224
ROUNDS = 10


def measure(folder: Path, rounds: int = ROUNDS, per_class: int = 25, side: int = SIDE) -> Report:
    """Pack the same files into an empty cache, then ask for them again, in turns."""
    name = draw(folder / "data", per_class, side)
    files = sorted((folder / "data" / name / "images").iterdir())
    caches = (folder / f"cache-{number}" for number in count())
    now = next(caches)

    def first() -> float:
        nonlocal now
        now = next(caches)
        return _pack(files, now, fresh=True)

    def again() -> float:
        return _pack(files, now, fresh=False)

    first()  # once unmeasured: Pillow's plugins are loaded, the files are in the system's cache
    decoded, found = in_turns(rounds, [first, again])
    title = (
        f"Packing: {len(files)} made (synthetic) photographs of {side}x{side} at {SIZE}x{SIZE}, "
        f"{rounds} rounds in turns; reading and hashing the files is in both"
    )
    rows = [
        ["first run: decoded and packed", _milliseconds(decoded), "1"],
        ["second run: found in the cache", _milliseconds(found), ratio(found, decoded).text(3)],
    ]
    figures = {"rounds": rounds, "photographs": len(files), "decoded_seconds": decoded, "found_seconds": found}
    return Report([Table(title, ["", "ms", "ratio"], rows)], figures=figures)


def _pack(files: list[Path], cache: Path, fresh: bool) -> float:
    started = time.monotonic()
    packed = pack(files, Preprocessing(size=SIZE), cache, "made photographs")
    seconds = time.monotonic() - started
    assert packed.fresh == fresh
    return seconds


def _milliseconds(seconds: list[float]) -> str:
    return Spread.of([each * 1000 for each in seconds]).text(1)
