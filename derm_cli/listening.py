"""Who is told of progress in the place of a terminal: a program that calls derm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

ProgressListener = Callable[[str, int, int | None, str], object]
"""What is told of progress: what goes on, how many steps are done, of how many (None: nobody knows), and a note."""
_listeners: list[ProgressListener] = []
"""Those that want to be told; the last one is."""


@contextmanager
def progress_told_to(listener: ProgressListener) -> Iterator[None]:
    """Have ``listener`` told of progress in a ``with`` block, in the place of a terminal."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def is_on() -> bool:
    """Tell whether somebody is told of progress in the place of a terminal."""
    return bool(_listeners)


def telling(label: str, total: int | None, note: Callable[[], str] | None = None) -> Callable[[int], object]:
    """Tell that something begins, of ``total`` steps, and return what moves it on by so many."""
    listener, done = _listeners[-1], 0

    def advance(steps: int) -> None:
        nonlocal done
        done += steps
        listener(label, done, total, note() if note else "")

    advance(0)
    return advance
