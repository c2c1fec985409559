"""A call's own process: begun, listened to, and stopped where its caller does not want it any more."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import IO, Any

from derm_cli.errors import DermError, first_line
from derm_cli.library.progress_reports import ProgressReport
from derm_cli.library.tasks import Done, Failure, Task
from derm_cli.library.telling import Listener

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from derm_cli.library.serving import serve; serve(int(sys.argv[2]))"
)
POLL = 0.5
"""Seconds after which it is looked whether a process that says nothing is still there."""
PATIENCE = 30.0
"""Seconds after its end in which what a process told last is still read."""
_ENDED = object()


def carry_out(task: Task, listener: Listener) -> Any:
    """Have a task done in a process of its own, and return its result; ``listener`` hears of it meanwhile.

    Raises what the task raises: DermError, RequestError, Interrupted.  Ctrl-C is handed on to it, so that a training
    can be gone on with; what a listener raises ends it likewise.
    """
    ours, theirs = Pipe()
    with ours, tempfile.TemporaryFile() as said:
        # A group of its own: Ctrl-C of a terminal, or a notebook's, comes to the caller, who hands it on once.
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=(theirs.fileno(),),
            process_group=0,
        )
        theirs.close()
        with suppress(OSError):
            ours.send(task)
        try:
            outcome = _Conversation(process, ours).outcome(listener)
        finally:
            _end(process)
        if isinstance(outcome, Done):
            return outcome.value
        if outcome is None:
            raise DermError(_ended_without_a_word(process.returncode, said))
        raise outcome.error


class _Conversation:
    """What a process tells, read by a thread, so that the caller's own is free to be interrupted."""

    def __init__(self, process: subprocess.Popen[bytes], connection: Connection[Any, Any]) -> None:
        self._process = process
        self._told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: Connection[Any, Any]) -> None:
        try:
            while True:
                self._told.put(connection.recv())
        except (EOFError, OSError):
            self._told.put(_ENDED)

    def outcome(self, listener: Listener) -> Done | Failure | None:
        """Hand on what is told, and return what comes of the task; None where the process ended without a word."""
        try:
            while not isinstance(told := self._next(), Done | Failure) and told is not _ENDED:
                if isinstance(told, ProgressReport):
                    listener.report(told)
                else:
                    listener.warn(told)
        except BaseException as reason:
            self._process.send_signal(signal.SIGINT)
            told = self._last()
            # Where the task says what it was stopped in, and how it is gone on with, that is more than the key that was
            # pressed.
            if not isinstance(reason, KeyboardInterrupt) or not isinstance(told, Failure) or told.signal:
                raise
        return None if told is _ENDED else told

    def _next(self) -> Any:
        ended: float | None = None
        while True:
            with suppress(queue.Empty):
                return self._told.get(timeout=POLL)
            if self._process.poll() is None:
                continue
            # What it told last may not be read yet; and a process that it has left behind can hold the connection open.
            ended = ended or time.monotonic()
            if time.monotonic() - ended > PATIENCE:
                return _ENDED

    def _last(self) -> Any:
        while not isinstance(told := self._next(), Done | Failure) and told is not _ENDED:
            pass
        return told


def _end(process: subprocess.Popen[bytes]) -> None:
    """See to it that a process ends, in time or by force."""
    try:
        process.wait(timeout=20)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def _ended_without_a_word(status: int, said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    reason = f"by {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"
    last = f"; it said last: {first_line(lines[-1])}" if lines else ""
    more = " The system ends so what takes too much memory." if status == -signal.SIGKILL else ""
    return f"The process that did the work ended {reason}{last}: call it again, or 'derm train --resume' a run.{more}"
