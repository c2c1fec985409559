"""Runs a part of the inputs of a target under limits, in a process of its own that :mod:`supervisor` watches.

``python -m tests.fuzz.worker TARGET FOLDER SEED START STOP SECONDS MEMORY DEADLINE``: for each input its number
goes to the file ``at`` of the folder before anything is done, so that who watches knows what ended this process.  Each
failure is a line of JSON on standard output, and the last line tells how many inputs came to which end.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from importlib import import_module
from pathlib import Path

TARGETS = {
    "tables": "tests.fuzz.fuzz_tables:Tables",
    "pictures": "tests.fuzz.fuzz_pictures:Pictures",
    "stored": "tests.fuzz.fuzz_stored:Stored",
    "outputs": "tests.fuzz.fuzz_outputs:Outputs",
    "bundles": "tests.fuzz.fuzz_bundles:Bundles",
    "models": "tests.fuzz.fuzz_models:Models",
    "misbehaving": "tests.fuzz.misbehaving:Misbehaving",
}
PAGE = resource.getpagesize()


def main(arguments: list[str]) -> None:
    name, folder, seed, start, stop, seconds, memory, deadline = arguments
    module, _, kind = TARGETS[name].partition(":")
    target = getattr(import_module(module), kind)(Path(folder) / name)
    target.folder.mkdir(parents=True, exist_ok=True)
    target.prepare()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit is on what an input adds, not on what the libraries reserve.
    limit = _pages(0) * PAGE + int(memory)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    before, ends, index = _pages(1) * PAGE, Counter[str](), int(start)
    index_file = os.open(Path(folder) / "at", os.O_WRONLY | os.O_CREAT)
    while index < int(stop) and time.time() < float(deadline):
        os.pwrite(index_file, b"%20d" % index, 0)
        # Of the processor, not of a busy machine's clock; a signal that nobody handles ends even a loop in C.
        signal.setitimer(signal.ITIMER_PROF, float(seconds))
        try:
            ends[target.run(int(seed), index)] += 1
        except Exception as error:
            _print_failure(
                index, target.description, f"{type(error).__name__}: {error}"[:3000], traceback.format_exc()[-6000:]
            )
            ends["failed"] += 1
        signal.setitimer(signal.ITIMER_PROF, 0)
        index += 1
    peak_growth = _peak_bytes() - before
    print(
        json.dumps(
            {"next": index, "ends": ends, "peak_growth": peak_growth, "final_growth": _pages(1) * PAGE - before}
        ),
        flush=True,
    )


def _print_failure(index: int, description: str, error: str, trace: str) -> None:
    line = {"index": index, "description": description[:3000], "error": error, "trace": trace}
    # Names of files need not be text.
    print(json.dumps(line), flush=True)


def _peak_bytes() -> int:
    """Return the most bytes that this program had in memory; getrusage would count what its parent had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _pages(field: int) -> int:
    """Return the pages that this process has: 0 for all that it may use, 1 for what is in memory."""
    return int(Path("/proc/self/statm").read_text().split()[field])


if __name__ == "__main__":
    main(sys.argv[1:])
