"""The executor ``local``: processes of this machine, each with its own share of the cores, or its own GPU."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from derm_cli.plugin import Capacity, ExecutorSpec, ProcessEnd, RequestError, StudyProcess
from derm_executors.machine import accelerators, usable_cores, workers_that_fit

PATIENCE = 120.0
"""Seconds that a process has to stop: to end its step and write a checkpoint.  Then it is killed."""
POLL = 0.1


@dataclass(frozen=True)
class _Running:
    process: subprocess.Popen[bytes]
    place: int


class LocalExecutor:
    """Carries out as many processes at once as it has places; a place is a share of the cores, and one of the GPUs."""

    def __init__(self, capacity: Capacity) -> None:
        self._cores = usable_cores()
        self._share, self._gpus = capacity.cores, accelerators()
        self._places = list(range(capacity.workers))
        self._running: dict[str, _Running] = {}

    def begin(self, process: StudyProcess) -> None:
        """Begin a process in a free place."""
        place = self._places.pop(0)
        variables = {**os.environ, **process.environment}
        if self._gpus:
            variables["CUDA_VISIBLE_DEVICES"] = self._gpus[place % len(self._gpus)]
        process.log.parent.mkdir(parents=True, exist_ok=True)
        with process.log.open("ab") as log, self._on_share(place):
            begun = subprocess.Popen(
                process.command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=variables,
                # Ctrl-C reaches every process of a terminal's group: who began this one decides.
                start_new_session=True,
            )
        self._running[process.key] = _Running(begun, place)

    def ended(self, patience: float) -> list[ProcessEnd]:
        """Return those that have ended, as soon as there are any, else none after ``patience`` seconds."""
        until = time.monotonic() + patience
        while True:
            found = [key for key, each in self._running.items() if each.process.poll() is not None]
            if found or time.monotonic() >= until:
                return [self._end(key) for key in found]
            time.sleep(POLL)

    def stop(self) -> None:
        """Close every process's input, by which it stops; kill what has not after two minutes."""
        for each in self._running.values():
            with suppress(OSError):
                if each.process.stdin is not None:
                    each.process.stdin.close()
        until = time.monotonic() + PATIENCE
        for each in self._running.values():
            try:
                each.process.wait(max(until - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                each.process.kill()
                each.process.wait()

    def _end(self, key: str) -> ProcessEnd:
        each = self._running.pop(key)
        self._places.append(each.place)
        if each.process.stdin is not None:
            with suppress(OSError):
                each.process.stdin.close()
        status = each.process.returncode
        return ProcessEnd(key=key, fault=_fault(status))

    @contextmanager
    def _on_share(self, place: int) -> Iterator[None]:
        """Have what is begun in a ``with`` block run on a place's share of the cores, where the system can."""
        # A process is born with the cores of the thread that bears it, before it looks how many there are.
        share = self._cores[place * self._share : (place + 1) * self._share]
        if not hasattr(os, "sched_setaffinity") or not share:
            yield
            return
        os.sched_setaffinity(0, share)
        try:
            yield
        finally:
            os.sched_setaffinity(0, self._cores)


def _fault(status: int) -> str:
    if status >= 0:
        return "" if status == 0 else f"its process ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    memory = ", as the system does where memory runs out" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{memory}"


def capacity(asked: Capacity) -> Capacity:
    """Return workers and cores as this machine has them for what is asked.  Raises RequestError where it is more."""
    cores = len(usable_cores())
    workers = asked.workers or min(workers_that_fit(), cores)
    share = asked.cores or max(1, cores // workers)
    if workers * share > cores:
        raise RequestError(
            f"'{workers}' workers with '{share}' cores each are more than the {cores} cores of this machine: give "
            f"fewer, as in --workers {max(1, cores // share)}."
        )
    return Capacity(workers=workers, cores=share, options=asked.options)


LOCAL = ExecutorSpec(
    name="local",
    title="processes of this machine, each with its share of the cores or its own GPU",
    capacity=capacity,
    start=LocalExecutor,
)
