"""Watches :mod:`worker`: a hang, a crash and an exception become failures that name the input, and the rest goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 10.0
"""Of the processor, for one input."""
MEMORY = 2 * 2**30
"""Bytes that one input may add: the largest photograph that is decoded takes 0.7 GB as it is, and once more as RGB."""
PATIENCE = 120.0
"""Seconds by the clock without a new input: it waits for something that does not come."""


PRINTED_BY_PYTHON = ("Traceback", "Warning", "Exception ignored")
"""What only Python prints; libtiff tells of each line of a photograph that it cannot decode, and cannot be stopped."""


@dataclass(frozen=True)
class Failure:
    """An input that made something happen that must not, and how to have it again."""

    target: str
    seed: int
    index: int
    error: str
    description: str = ""
    trace: str = ""

    def __str__(self) -> str:
        again = f"python -m tests.fuzz.long --target {self.target} --seed {self.seed} --index {self.index}"
        return f"{self.error}\n  spoilt: {self.description}\n  again:  {again}\n{self.trace}"


@dataclass
class Report:
    """How many inputs came to which end, what failed, and by how many bytes memory grew at most and in the end."""

    ends: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    peak_growth: int = 0
    final_growth: int = 0

    @property
    def done(self) -> int:
        return sum(self.ends.values())


def fuzz(
    target: str,
    folder: Path,
    seed: int,
    start: int,
    stop: int,
    *,
    seconds: float = SECONDS,
    memory: int = MEMORY,
    patience: float = PATIENCE,
    until: float = float("inf"),
) -> Report:
    """Hand the inputs ``start`` to ``stop`` over, or as many as there is time for before the clock says ``until``."""
    report = Report()
    while start < stop and time.time() < until:
        limits = [seconds, memory, until]
        values = [target, folder, seed, start, stop, *limits]
        start = _run_worker(
            [sys.executable, "-m", "tests.fuzz.worker", *values], folder, report, (target, seed, start), patience
        )
    return report


def _run_worker(
    command: list[Any], folder: Path, report: Report, first_input: tuple[str, int, int], patience: float
) -> int:
    """Run one worker to its end; return the number of the input that comes next."""
    target, seed, start = first_input
    folder.mkdir(parents=True, exist_ok=True)
    index_file, out, err = folder / "at", folder / "out", folder / "err"
    index_file.write_bytes(b"%20d" % -1)
    with out.open("wb") as output, err.open("wb") as errors:
        worker = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=errors, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
        hung = not _wait(worker, index_file, patience)
    lines = [json.loads(line) for line in out.read_text().splitlines() if line.startswith("{")]
    for line in lines:
        if "index" in line:
            report.failures.append(
                Failure(target, seed, line["index"], line["error"], line["description"], line["trace"])
            )
    printed = err.read_text(errors="replace")
    if lines and "next" in lines[-1] and worker.returncode == 0:
        report.ends.update(lines[-1]["ends"])
        report.peak_growth = max(report.peak_growth, lines[-1]["peak_growth"])
        report.final_growth = max(report.final_growth, lines[-1]["final_growth"])
        # Derm's own warnings are lines that begin so; those of Python bear the name of a class and a line before it.
        others = "\n".join(line for line in printed.splitlines() if not line.startswith("Warning: "))
        if any(word in others for word in PRINTED_BY_PYTHON):
            report.failures.append(Failure(target, seed, start, f"something was printed: {printed[:2000]}"))
        return int(lines[-1]["next"])
    index = int(index_file.read_bytes())
    if index < start:
        raise RuntimeError(f"The worker of '{target}' could not begin:\n{printed}")
    if hung:
        error = f"it did not end within {patience:g} s by the clock"
    elif worker.returncode == -signal.SIGPROF:
        error = "it did not end within its seconds of the processor"
    else:
        error = f"it ended the process with {worker.returncode}"
    report.failures.append(Failure(target, seed, index, error, trace=printed[-4000:]))
    # What the worker had counted is lost with it.
    report.ends["ended the process"] += 1
    report.ends["not told"] += index - start
    return index + 1


def _wait(worker: subprocess.Popen[bytes], index_file: Path, patience: float) -> bool:
    """Wait for the end; end what is at one input for too long."""
    last, since = b"", time.monotonic()
    while True:
        try:
            worker.wait(timeout=min(1.0, patience / 4))
        except subprocess.TimeoutExpired:
            now = index_file.read_bytes()
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > patience:
                worker.kill()
                worker.wait()
                return False
        else:
            return True
