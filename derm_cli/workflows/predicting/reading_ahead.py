"""Reading ahead: what is asked for next is computed in threads beside the one that asks, in order and bounded."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

from derm_cli.cores import usable_cores

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 8
"""The most results that wait."""


def reading_ahead(
    function: Callable[[T], R], items: Iterable[T], ahead: int = AHEAD, threads: int | None = None
) -> Generator[tuple[T, R], None, None]:
    """Yield each item with what ``function`` returns for it, in their order, computed in ``threads``: as many as cores.

    An item is taken from ``items`` in a thread of its own, so that one that is waited for holds nothing back, and at
    most ``ahead`` results wait.  What ``items`` or ``function`` raise is raised at their place.
    """
    queue: Queue[tuple[T, Future[R]] | BaseException | None] = Queue(ahead)
    stopped = Event()

    def put(entry: tuple[T, Future[R]] | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                queue.put(entry, timeout=0.1)
            except Full:
                continue
            return

    def feed(pool: ThreadPoolExecutor) -> None:
        try:
            for item in items:
                if stopped.is_set():
                    return
                put((item, pool.submit(function, item)))
            put(None)
        # Whatever it is, who asks is told.
        except BaseException as error:
            put(error)

    pool = ThreadPoolExecutor(threads or usable_cores(), thread_name_prefix="derm-read")
    # One that waits for standard input is not waited for.
    Thread(target=feed, args=(pool,), daemon=True, name="derm-feed").start()
    try:
        while (entry := queue.get()) is not None:
            if isinstance(entry, BaseException):
                raise entry
            item, result = entry
            yield item, result.result()
    finally:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
