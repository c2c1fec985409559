"""Whole processes and what they cost: wall time and peak memory, as the system counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

PYTHON = sys.executable
DERM = str(Path(sys.executable).with_name("derm"))
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Outcome:
    """An ended process: when it was started on the monotonic clock, its wall seconds, and its peak memory in bytes."""

    started: float
    seconds: float
    peak_bytes: int


def environment(paths: Sequence[Path] = (), **variables: str) -> dict[str, str]:
    """Return the environment in which everything is measured: without settings of derm, Python, Keras or its backends.

    So Python leaves compiled bytecode, as it does unless it is told otherwise.  ``paths`` are put on ``PYTHONPATH``.
    """
    dropped = ("DERM_", "PYTHON", "TF_", "JAX_", "XLA_", "KERAS_BACKEND")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    if paths:
        inherited["PYTHONPATH"] = os.pathsep.join(map(str, paths))
    return {**inherited, **variables}


def warm_up_libraries(folder: Path) -> None:
    """Import the large libraries once, so that the first to be measured does not read them from the disk."""
    run([PYTHON, "-c", "import keras, tensorflow, pandas, matplotlib.pyplot"], environment(), folder)


def run(command: Sequence[str], env: Mapping[str, str], cwd: Path) -> Outcome:
    """Run ``command`` to its end.  Raises RuntimeError, with what it printed last, where it fails.

    Linux counts the memory of the process that starts another as that one's own until it has begun, so a peak is at
    least that of the caller: measure from a small process, as ``python -m benchmarks`` is.
    """
    with TemporaryFile() as output:
        started = time.monotonic()
        process = subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        # Not process.wait(): the system tells a process's own peak only to who takes its exit status.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            printed = output.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"'{' '.join(command)}' ended with {process.returncode}:\n{printed}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Outcome(started, seconds, usage.ru_maxrss * unit)
