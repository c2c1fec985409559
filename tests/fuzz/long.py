"""The long fuzzing: ``make fuzz SECONDS=600 SEED=1``; and any of its inputs again, with its traceback.

    python -m tests.fuzz.long --seconds 600 --seed 1
    python -m tests.fuzz.long --target pictures --seed 1 --index 4711

Exit status 1 where something failed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

from tests.fuzz import supervisor, worker

BATCH = 2000
"""Inputs for one worker."""
NAMES = ("tables", "pictures", "stored", "outputs", "bundles", "models")
SHOWN = 20


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--target", choices=[*NAMES, "all"], default="all")
    parser.add_argument("--index", type=int, help="this input alone, with its traceback")
    parser.add_argument("--keep", type=Path, help="with --index: the folder in which the input is left")
    options = parser.parse_args(arguments)
    if options.index is not None:
        return repeat(options.target, options.seed, options.index, options.keep)
    names = NAMES if options.target == "all" else (options.target,)
    return fuzz(names, options.seed, options.seconds, options.jobs)


def fuzz(names: Sequence[str], seed: int, seconds: float, jobs: int, limits: dict[str, float] | None = None) -> int:
    """Fuzz all targets in turn, each with inputs after those that it had; ``limits`` are the supervisor's."""
    until, total = time.time() + seconds, {name: supervisor.Report() for name in names}
    print(f"Fuzzing {', '.join(names)} for {seconds:g} s with seed {seed}", flush=True)

    def run_job(job: int) -> None:
        turn, batch = job, job
        with tempfile.TemporaryDirectory(prefix="derm-fuzz-") as folder:
            while time.time() < until:
                name, start = names[turn % len(names)], batch // len(names) * BATCH
                # Jobs and turns never give the same batch of the same target twice.
                report = supervisor.fuzz(name, Path(folder), seed, start, start + BATCH, until=until, **(limits or {}))
                total[name].ends.update(report.ends)
                total[name].failures.extend(report.failures)
                total[name].peak_growth = max(total[name].peak_growth, report.peak_growth)
                for failure in report.failures:
                    print(f"\n{name} {failure}", flush=True)
                turn, batch = turn + jobs, batch + jobs

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run_job, range(jobs)))
    for name, report in total.items():
        ends = ", ".join(f"{end} {count}" for end, count in report.ends.most_common())
        growth = f"memory grew by {report.peak_growth / 1e6:.0f} MB at most"
        print(f"{name}: {report.done} inputs ({ends}); {growth}; {len(report.failures)} failures", flush=True)
    return 1 if any(report.failures for report in total.values()) else 0


def repeat(name: str, seed: int, index: int, keep: Path | None) -> int:
    """Hand one input over in this process."""
    module, _, kind = worker.TARGETS[name].partition(":")
    folder = keep or Path(tempfile.mkdtemp(prefix="derm-fuzz-"))
    target = getattr(import_module(module), kind)(folder / name)
    target.folder.mkdir(parents=True, exist_ok=True)
    target.prepare()
    try:
        print(target.run(seed, index))
    finally:
        print(f"spoilt: {target.description}\nleft in {folder / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
