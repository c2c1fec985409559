"""Work on many items by as many threads as there are cores, with little of it in memory at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from derm_cli.console import progress
from derm_cli.cores import usable_cores

T = TypeVar("T")
R = TypeVar("R")
ITEMS_AHEAD = 4
"""How many items a core may be ahead of what is consumed: a slow disk must not fill the memory with photographs."""


def on_all_cores(function: Callable[[T], R], items: Sequence[T], label: str) -> Iterator[R]:
    """Yield what ``function`` gives for each of ``items``, in order, and computed a few ahead: they may be many.

    It must let go of the interpreter while it works, as reading and hashing do, and waiting for another process.
    """
    cores, remaining = usable_cores(), iter(items)
    pool = ThreadPoolExecutor(cores)
    try:
        futures = deque(pool.submit(function, item) for item in islice(remaining, ITEMS_AHEAD * cores))
        for _ in progress(items, label, total=len(items)):
            yield futures.popleft().result()
            futures.extend(pool.submit(function, item) for item in islice(remaining, 1))
    finally:
        pool.shutdown(cancel_futures=True)
