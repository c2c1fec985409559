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
    """A signal ended what was done: ``signal`` is which."""

    def __init__(self, number: int) -> None:
        self.signal = signal.Signals(number)
        super().__init__(self.signal.name)


def reason_of(stopped: KeyboardInterrupt) -> str:
    """Return what stopped it, as records tell it: 'interrupted by the user', or 'stopped by SIGTERM'."""
    by_signal = _signal_of(stopped)
    return f"stopped by {by_signal.name}" if by_signal else "interrupted by the user"


def exit_status_of(stopped: KeyboardInterrupt) -> int:
    """Return the exit status that whoever sent the signal looks for: 128 and its number, but 1 for Ctrl-C."""
    by_signal = _signal_of(stopped)
    return 128 + by_signal if by_signal else 1


def _signal_of(stopped: KeyboardInterrupt) -> signal.Signals | None:
    # Ctrl-C has the exit status that it had in every derm; a scheduler is told of its own signal.
    return stopped.signal if isinstance(stopped, Stopped) and stopped.signal != signal.SIGINT else None


class StopSignals:
    """Takes the signals that end a process in a ``with`` block, and raises :class:`Stopped` in their place.

    A signal is taken at once.  Inside :meth:`deferred`, or after :meth:`hold`, the first is ``noted`` instead: whoever
    writes the next checkpoint then calls :meth:`raise_noted`, and a second signal does not wait.  Signals that are
    ignored, as under nohup, stay so, and a handler of whoever calls derm from Python stays too; of two that are nested
    the inner one takes them.  Python hands signals to the main thread: in another, none is taken.
    """

    def __init__(self) -> None:
        self.noted: int | None = None
        self._is_deferring = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in TAKEN:
                handler = signal.getsignal(number)
                is_ours = isinstance(getattr(handler, "__self__", None), StopSignals)
                if is_ours or handler in (signal.SIG_DFL, signal.default_int_handler):
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
        self.hold()
        try:
            yield
        finally:
            self._is_deferring = False
        self.raise_noted()

    def hold(self) -> None:
        """Note a first signal from now on, until :meth:`release`."""
        self._is_deferring = True

    def release(self) -> None:
        """Take signals at once again, and raise Stopped where one was noted."""
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
