"""The executor ``local``: processes of this machine, each with its own share of the cores, or its own GPU."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass, replace

from derm_cli.plugin import Capacity, ExecutorSpec, ProcessEnd, RequestError, StudyProcess
from derm_executors.machine import accelerators, usable_cores, workers_that_fit
from derm_executors.processes import begun_process, close_input, fault_of, stop_processes

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
        share = self._cores[place * self._share : (place + 1) * self._share]
        begun = begun_process(process, variables, share)
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
        stop_processes([each.process for each in self._running.values()], PATIENCE)

    def _end(self, key: str) -> ProcessEnd:
        each = self._running.pop(key)
        self._places.append(each.place)
        close_input(each.process)
        return ProcessEnd(key=key, fault=fault_of(each.process.returncode))


def capacity(asked: Capacity) -> Capacity:
    """Return workers and cores as this machine has them for what is asked.  Raises RequestError where it is more."""
    cores = len(usable_cores())
    workers = asked.workers or max(1, min(workers_that_fit(), cores // (asked.cores or 1)))
    share = asked.cores or max(1, cores // workers)
    if workers * share > cores:
        fewer = f"--workers {cores // share}" if share <= cores else f"--workers 1 --cores {cores}"
        raise RequestError(
            f"'{workers}' workers with '{share}' cores each are more than the {cores} cores of this machine: give "
            f"fewer, as in {fewer}."
        )
    return replace(asked, workers=workers, cores=share)


LOCAL = ExecutorSpec(
    name="local",
    title="processes of this machine, each with its share of the cores or its own GPU",
    capacity=capacity,
    start=LocalExecutor,
)
