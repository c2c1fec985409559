"""Signals that end a training: inside an epoch they wait until a checkpoint is written, so that no step is lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

TAKEN = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C; what schedulers and containers send before they kill; and what a terminal that closes sends."""


class Stopped(KeyboardInterrupt):
    """A signal ended the training: ``signal`` is which."""

    def __init__(self, number: int) -> None:
        self.signal = signal.Signals(number)
        super().__init__(self.signal.name)


class StopSignals:
    """Takes the signals that end a process in a ``with`` block, and raises :class:`Stopped` in their place.

    A signal is taken at once.  Inside :meth:`deferred` the first is ``noted`` instead: whoever writes the next
    checkpoint then calls :meth:`raise_noted`, and a second signal does not wait.  Signals that are ignored, as under
    nohup, stay so, and a handler of whoever calls derm from Python stays too.  Python hands signals to the main thread:
    in another, none is taken.
    """

    def __init__(self) -> None:
        self.noted: int | None = None
        self._is_deferring = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in TAKEN:
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    self._previous[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous.clear()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Note a first signal in a ``with`` block, and raise it at the block's end where nobody did before."""
        self._is_deferring = True
        try:
            yield
        finally:
            self._is_deferring = False
        self.raise_noted()

    def raise_noted(self) -> None:
        """Raise Stopped where a signal was noted."""
        if self.noted is not None:
            raise Stopped(self.noted)

    def _take(self, number: int, _: FrameType | None) -> None:
        if self._is_deferring and self.noted is None:
            self.noted = number
            return
        raise Stopped(number)
