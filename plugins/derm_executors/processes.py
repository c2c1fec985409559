"""Processes of a study on this machine: how one is begun on some of the cores, told to stop, and what ended it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from derm_cli.plugin import StudyProcess


def begun_process(
    process: StudyProcess, variables: Mapping[str, str], cores: Sequence[int], files: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Begin a process with ``variables`` as its whole environment, on ``cores``, by their numbers, if there are any.

    It inherits the open ``files``, by their descriptors, and prints into its log.
    """
    process.log.parent.mkdir(parents=True, exist_ok=True)
    with process.log.open("ab") as log, _on_cores(cores):
        return subprocess.Popen(
            process.command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=dict(variables),
            pass_fds=tuple(files),
            # Ctrl-C reaches every process of a terminal's group: who began this one decides.
            start_new_session=True,
        )


@contextmanager
def _on_cores(cores: Sequence[int]) -> Iterator[None]:
    """Have what is begun in a ``with`` block run on ``cores``, where the system can."""
    # A process is born with the cores of the thread that bears it, before it looks how many there are.
    if not hasattr(os, "sched_setaffinity") or not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def close_input(process: subprocess.Popen[bytes]) -> None:
    """Close a process's input, by which it is told to stop."""
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()


def stop_processes(processes: Sequence[subprocess.Popen[bytes]], patience: float) -> None:
    """Tell processes to stop, and kill those that have not after ``patience`` seconds; return when all have ended."""
    for process in processes:
        close_input(process)
    until = time.monotonic() + patience
    for process in processes:
        try:
            process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def fault_of(status: int) -> str:
    """Return what ended a process, by its exit status as Python has it; '' where it ended well."""
    if status >= 0:
        return "" if status == 0 else f"its process ended with status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    memory = ", as the system does where memory runs out" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{memory}"
