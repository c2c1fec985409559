"""Starts the measuring program, and reads its figures."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import comb, prod
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from derm_cli.plugin import DermError, first_line
from mobile_export.bundle.runtimes import MOST_MEMORY, PATIENCE, Runtime
from mobile_export.tools.benchmark.models import MeasuredModel

PROGRAM = Path(__file__).with_name("measuring.py")
WARM_UP, SEED = 5, 0
MOST_ELEMENTS = 1 << 28
"""The most numbers of an input: a photograph of 9,000 pixels a side."""
TYPES = {"float": "float32"}
"""NumPy's names of types that ONNX calls otherwise: to NumPy a 'float' has 64 bits."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What one model took in one runtime on so many ``threads``: seconds of one view, and bytes.

    ``memory`` is the peak of the process less what it had when the runtime was imported; ``peak`` is the whole.
    ``low`` and ``high`` are the 95 % interval of the median; None where it was asked too seldom.
    """

    runtime: str
    threads: int
    load: float
    first: float
    median: float
    p95: float
    memory: int
    peak: int
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def measured(model: MeasuredModel, runtime: Runtime, python: Path, threads: int, runs: int) -> Measurement:
    """Measure one model, in a process of its own.

    Raises DermError where the process fails, takes too long, or the network's answer is none.
    """
    inputs: list[dict[str, Any]] = [
        {
            "name": each.name,
            "type": TYPES.get(each.type, each.type),
            "shape": [side if isinstance(side, int) else 1 for side in each.shape],
        }
        for each in model.inspection.inputs
    ]
    numbers = max((prod(each["shape"]) for each in inputs), default=0)
    if numbers > MOST_ELEMENTS:
        raise DermError(f"'{model.name}' takes '{numbers}' numbers, more than a photograph has: export it again.")
    asked = {
        "model": str(model.path.resolve()),
        "module": runtime.module,
        "inputs": inputs,
        "classes": len(model.inspection.facts.classes),
        "threads": threads,
        "runs": runs,
        "warm_up": WARM_UP,
        "seed": SEED,
        "memory": MOST_MEMORY,
    }
    try:
        done = subprocess.run(
            [str(python), "-I", str(PROGRAM)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise DermError(
            f"'{model.name}' was not measured in '{runtime.name}' within {PATIENCE} s: ask for fewer with --runs."
        ) from None
    try:
        if done.returncode:
            raise ValueError(_reason(done))
        found = json.loads(done.stdout.strip().splitlines()[-1])
        steady = found["steady"]
        low, high = median_interval(steady)
        return Measurement(
            runtime=runtime.name,
            threads=threads,
            load=found["load"],
            first=found["first"],
            median=median(steady),
            p95=quantiles(steady, n=20, method="inclusive")[-1] if len(steady) > 1 else steady[0],
            memory=max(found["peak"] - found["before"], 0),
            peak=found["peak"],
            low=low,
            high=high,
        )
    except (ValueError, IndexError, KeyError) as error:
        raise DermError(
            f"'{model.name}' cannot be measured in '{runtime.name}' ({first_line(error)}): "
            "see with 'derm verify' whether it answers."
        ) from None


def median_interval(values: Sequence[float]) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval of the median of ``values``, whatever they are drawn from; None of less than six.

    It lies between the k-th smallest and the k-th largest, k being the most for which fewer than k of n coins fall on
    one side with a probability of at most 2.5 % (Conover, Practical Nonparametric Statistics, 1999, section 3.2).
    """
    ordered, count = sorted(values), len(values)
    below, k = 0.0, 0
    while k < count and (below := below + comb(count, k) / 2**count) <= 0.025:
        k += 1
    return (ordered[k - 1], ordered[count - k]) if k else (None, None)


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return f"the process was ended by {signal.Signals(-done.returncode).name}"
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"status {done.returncode}"
