"""Ctrl-C, or another signal, before anything of a study is trained: a sentence, and the status that a shell has."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from derm_cli.engine.stopping import Stopped, reason_of
from derm_cli.errors import Interrupted


@contextmanager
def before_training(study: str, again: str) -> Iterator[None]:
    """Raise Interrupted where a signal ends a ``with`` block in which a study is planned; ``again`` says what to do."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        raise Interrupted(
            f"Study '{study}' was {how_stopped(stopped)} before anything was trained: {again}.", exit_status(stopped)
        ) from None


def how_stopped(stopped: KeyboardInterrupt) -> str:
    """Return in a sentence's words how a study was stopped: 'interrupted', or 'stopped by SIGTERM'."""
    return reason_of(stopped).removesuffix(" by the user")


def exit_status(stopped: KeyboardInterrupt) -> int:
    """Return 128 and the signal's number, as a shell has it.

    Of a training, Ctrl-C has the status that it had before studies were there.
    """
    return 128 + (stopped.signal if isinstance(stopped, Stopped) else signal.SIGINT)
