"""Decoding in processes of their own: Pillow's decoders hold Python's interpreter, so threads share one core.

A worker is a Python that reads tasks from its standard input and writes answers to its standard output; it ends when
its input does, so also when who started it is killed.  multiprocessing would import the user's own script in each.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from derm_cli.cores import usable_cores
from derm_cli.data.packing.decoding import DecodeTask, decode
from derm_cli.data.packing.notes import PackRow
from derm_cli.data.preprocessing import Pixels, opening
from derm_cli.errors import DermError
from derm_cli.plan import Preprocessing

WORTH_SECONDS = 1.0
"""Of decoding by one core, as estimated: for less, starting Python once more for each core does not pay."""
SECONDS_A_FILE, SECONDS_A_BYTE = 1e-3, 2e-8
MOST_WORKERS = 32
"""Workers; each takes some 100 MB of memory."""
STARTING_SECONDS = 60.0
ENDED = "decoding it ended the program that decodes"
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from derm_cli.data.packing.workers import serve; serve(sys.argv[2])"
)
_READY = b"ready\n"


class DecodingWorkers:
    """Decodes tasks in as many processes as there are cores, or in this one until they have started.

    Where a plugin has a step of the preprocessing, in this one alone.

    ``lock`` is a file that any of them holds while it decodes a large photograph.
    """

    def __init__(self, preprocessing: Preprocessing, tasks: Sequence[DecodeTask], lock: Path) -> None:
        self._preprocessing, self._lock = preprocessing, lock
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._all: list[_Worker] = []
        cores = min(usable_cores(), MOST_WORKERS, len(tasks))
        # Plugins are loaded in this process alone.
        if cores > 1 and sys.executable and not preprocessing.steps and _estimated_seconds(tasks) > WORTH_SECONDS:
            opening.share_large_photograph_lock(self._lock)
            for _ in range(cores):
                self._start()

    def _start(self) -> None:
        # Without one the work is done here.
        with suppress(OSError):
            worker = _Worker(self._preprocessing, self._lock)
            self._all.append(worker)
            threading.Thread(target=self._await, args=(worker,), daemon=True).start()

    def _await(self, worker: _Worker) -> None:
        if worker.is_ready():
            self._idle.put(worker)

    def decode(self, task: DecodeTask) -> tuple[PackRow, Pixels | None]:
        """Return what :func:`derm_cli.data.packing.decoding.decode` does, from whichever process is free."""
        # A file whose decoding ends a worker, by a bug or for want of memory, must not end this process: it gets
        # another chance, then it is unreadable.
        for attempt in range(2):
            try:
                worker = self._idle.get(block=attempt > 0, timeout=STARTING_SECONDS)
            except Empty:
                if attempt:
                    break
                return decode(task, self._preprocessing)
            try:
                answer = worker.ask(task)
            except (EOFError, OSError, pickle.UnpicklingError):
                worker.end()
                self._start()
                continue
            self._idle.put(worker)
            if isinstance(answer, DermError):
                raise answer
            return answer
        return task.unreadable(ENDED, self._preprocessing)

    def __enter__(self) -> DecodingWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        opening.share_large_photograph_lock(None)
        for worker in self._all:
            worker.end()


class _Worker:
    def __init__(self, preprocessing: Preprocessing, lock: Path) -> None:
        command = [sys.executable, "-c", _PROGRAM, json.dumps(sys.path), str(lock)]
        alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=nowhere, env=os.environ | alone
        )
        self._send(preprocessing)

    def is_ready(self) -> bool:
        """Wait until it has started, and tell whether it did."""
        try:
            return self._process.stdout is not None and self._process.stdout.readline() == _READY
        except (OSError, ValueError):
            return False

    def ask(self, task: DecodeTask) -> tuple[PackRow, Pixels | None] | DermError:
        """Return its answer: a row with its pixels, or an error.  Raises EOFError or OSError where it has ended."""
        self._send(task)
        assert self._process.stdout is not None
        # It is our own process that wrote it.
        answer: tuple[PackRow, Pixels | None] | DermError = pickle.load(self._process.stdout)  # noqa: S301
        return answer

    def _send(self, value: Any) -> None:
        assert self._process.stdin is not None
        pickle.dump(value, self._process.stdin)
        self._process.stdin.flush()

    def end(self) -> None:
        """End it; whatever it is at is not waited for."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            # What was not sent any more is not missed.
            with suppress(OSError):
                if stream is not None:
                    stream.close()


def serve(lock: str) -> None:
    """Answer tasks until there are no more: the whole life of a worker."""
    # Ctrl-C reaches every process of a terminal; who started this one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not come between the answers.
    os.dup2(2, 1)
    opening.share_large_photograph_lock(Path(lock))
    preprocessing: Preprocessing = pickle.load(sys.stdin.buffer)  # noqa: S301
    answers.write(_READY)
    answers.flush()
    with suppress(EOFError, BrokenPipeError):
        while True:
            task = pickle.load(sys.stdin.buffer)  # noqa: S301
            answer: Any
            try:
                answer = decode(task, preprocessing)
            except DermError as error:
                answer = error
            pickle.dump(answer, answers)
            answers.flush()


def _estimated_seconds(tasks: Sequence[DecodeTask]) -> float:
    """Return about how long one core takes for the tasks, in seconds."""
    seconds = 0.0
    for task in tasks:
        with suppress(OSError):
            seconds += SECONDS_A_FILE + SECONDS_A_BYTE * task.path.stat().st_size
    return seconds
