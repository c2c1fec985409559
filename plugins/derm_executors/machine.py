"""What this machine has for processes: cores, memory, accelerators; no framework is imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROCESSES_FIRST, MOST_CORES = 4, 4
"""So many processes come before any has a second core, and so many cores are the most that one has.

A second core makes a training little faster, a second training does as much again (docs/explanation/benchmarks.md).
"""
BYTES_OF_A_PROCESS = 3_000_000_000
"""What a training needs about."""


def usable_cores() -> list[int]:
    """Return the numbers of the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def free_bytes() -> int | None:
    """Return the bytes of memory that are free, None where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None


def accelerators() -> list[str]:
    """Return the numbers of the GPUs that this process may use, as ``CUDA_VISIBLE_DEVICES`` has them."""
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    if given is not None:
        return [each.strip() for each in given.split(",") if each.strip() and each.strip() != "-1"]
    program = shutil.which("nvidia-smi")
    if program is None or sys.platform == "darwin":
        return []
    try:
        told = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = told.stdout.splitlines() if told.returncode == 0 else []
    return [str(number) for number, line in enumerate(line for line in lines if line.startswith("GPU "))]


def workers_that_fit() -> int:
    """Return how many trainings this machine has room for at once: one a GPU, else by cores and memory."""
    gpus, free, cores = len(accelerators()), free_bytes(), len(usable_cores())
    fitting = gpus or cores // min(MOST_CORES, max(1, cores // PROCESSES_FIRST))
    return fitting if free is None else max(1, min(fitting, free // BYTES_OF_A_PROCESS))
