"""The packed cache: each photograph decoded and resized once, stored by content as memory-mapped uint8."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from filelock import FileLock

from derm_cli.console import progress
from derm_cli.data.preprocessing import Pixels, UnreadablePhotograph, read_photograph
from derm_cli.files import sha256_of, whole, write_text
from derm_cli.plan import Preprocessing

R = TypeVar("R")
FOLDER = "packs"
"""Where packs lie in the cache, each as ``<key>.npy``, ``<key>.json``, used when this was changed, ``<key>.lock``."""
FORMAT = 1
AHEAD = 4
"""How many photographs a core may be ahead of what is written: a slow disk must not fill the memory with the others."""


@dataclass(frozen=True)
class Pack:
    """Photographs, memory-mapped uint8 (n, size, size, 3); each file's SHA-256; why a row is unreadable, by row."""

    photographs: Pixels
    contents: tuple[str, ...]
    unreadable: dict[int, str]
    fresh: bool


def pack(files: list[Path], preprocessing: Preprocessing, cache: Path, label: str) -> Pack:
    """Return ``files`` decoded, in their order, from the cache in ``cache`` where they are there already.

    The cache's key is the contents of the files and the preprocessing, so a renamed file is found and a changed one is
    decoded anew.  An interrupted packing leaves nothing that could be taken for a whole one, and two processes do not
    harm each other.
    """
    contents = tuple(_on_all_cores(_content, files, f"Reading {label}"))
    identity = json.dumps([FORMAT, asdict(preprocessing), contents])
    key = hashlib.sha256(identity.encode()).hexdigest()
    folder = cache / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    photographs, notes = folder / f"{key}.npy", folder / f"{key}.json"
    fresh = False
    with FileLock(folder / f"{key}.lock"):
        if not notes.exists():
            unreadable = _decode(files, preprocessing, photographs, f"Packing {label}")
            write_text(notes, json.dumps(unreadable))
            fresh = True
        else:
            # A cache that others own may be read all the same.
            with suppress(OSError):
                notes.touch()
        # Still behind the lock: what is mapped already can be removed from the cache without harm.
        found = {int(row): reason for row, reason in json.loads(notes.read_text(encoding="utf-8")).items()}
        return Pack(np.load(photographs, mmap_mode="r"), contents, found, fresh)


def _decode(files: list[Path], preprocessing: Preprocessing, target: Path, label: str) -> dict[int, str]:
    size = preprocessing.size
    unreadable: dict[int, str] = {}

    def decode(path: Path) -> Pixels | str:
        try:
            return read_photograph(path, preprocessing)
        except UnreadablePhotograph as reason:
            return str(reason)

    with whole(target) as temporary:
        # The header first, so that the file is a plain .npy; a memory map cannot be empty.
        packed = np.lib.format.open_memmap(
            temporary, mode="w+", dtype=np.uint8, shape=(max(len(files), 1), size, size, 3)
        )
        for row, result in enumerate(_on_all_cores(decode, files, label)):
            if isinstance(result, str):
                unreadable[row] = result
            else:
                packed[row] = result
        packed.flush()
    return unreadable


def _content(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        return f"unreadable:{path.name}"


def _on_all_cores(function: Callable[[Path], R], items: list[Path], label: str) -> Iterator[R]:
    """Yield what ``function`` gives for each of ``items``, in order, and computed a few ahead: they may be many."""
    cores, coming = os.cpu_count() or 1, iter(items)
    # Threads suffice: Pillow and hashlib let go of the interpreter while they work.
    with ThreadPoolExecutor(cores) as pool:
        ahead = deque(pool.submit(function, item) for item in islice(coming, AHEAD * cores))
        for _ in progress(items, label, total=len(items)):
            yield ahead.popleft().result()
            ahead.extend(pool.submit(function, item) for item in islice(coming, 1))
