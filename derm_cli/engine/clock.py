"""Where a run's time goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

BUILDING, COMPILING, STEPPING = "building", "compiling", "stepping"
FEATURES, VALIDATING, KEEPING = "features", "validating", "checkpoints"
ACCOUNTS = (BUILDING, COMPILING, STEPPING, FEATURES, VALIDATING, KEEPING)


class Clock:
    """Seconds by account: :data:`ACCOUNTS`.

    ``building`` is wiring networks, ``compiling`` is making programs, each one's first step included, since TensorFlow
    makes the rest of its program in it; ``stepping`` every later step; ``features`` computing what the frozen part
    gives for photographs that do not change; ``validating`` looking at the validation part; ``checkpoints`` writing
    them.
    """

    def __init__(self, seconds: dict[str, float] | None = None) -> None:
        self.seconds = dict.fromkeys(ACCOUNTS, 0.0) | (seconds or {})

    @contextmanager
    def __call__(self, account: str) -> Iterator[None]:
        """Add the time that the block takes to ``account``."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[account] += time.monotonic() - started
