"""How long a file takes for a view of a photograph: ``derm benchmark`` tells, on one thread."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.exports.judging import MODEL
from benchmarks.processes import DERM, environment

TIMED = "timed.json"


@dataclass(frozen=True)
class Latency:
    """Seconds of one view in LiteRT on one thread: the median, and what 95 % of the calls stay below."""

    median: float
    p95: float


def latency(folder: Path, calls: int) -> Latency:
    """Return that of ``folder/model.tflite`` by so many calls; what stands in ``folder`` already is not done again.

    Raises RuntimeError where it cannot be measured.
    """
    file = folder / TIMED
    if not file.is_file():
        command = [DERM, "benchmark", str(folder / MODEL), "--threads", "1", "--runs", str(calls), "--json"]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"'{folder / MODEL}' was not measured: {done.stderr.strip()}")
        (measured,) = json.loads(done.stdout)["models"][0]["measurements"]
        told = {"median": measured["median"], "p95": measured["p95"]}
        file.write_text(json.dumps(told) + "\n", encoding="utf-8")
    return Latency(**json.loads(file.read_text(encoding="utf-8")))
