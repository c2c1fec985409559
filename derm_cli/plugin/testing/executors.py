"""Holds executors to their contract: processes begin, end, say how, and stop where they are asked to."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from derm_cli.plugin.executor_specs import StudyProcess

if TYPE_CHECKING:
    from derm_cli.plugin.executor_specs import Executor, ExecutorSpec

PATIENCE = 60.0
"""Seconds in which a process that does nothing must have ended."""
_LISTENS = "import sys; sys.stdin.read()"


def check_executor(spec: ExecutorSpec) -> None:
    """Have one worker of the executor carry out processes that do nothing, that fail, and that are stopped.

    Raises AssertionError where what is asked for is not given, where a process does not end, or not as it did, where
    nothing is in its log, and where it does not stop.
    """
    capacity = spec.capacity(spec.asked(workers=1))
    assert capacity.workers == 1, f"1 worker was asked for, but 'capacity' gives '{capacity.workers}'"
    assert capacity.cores >= 1, f"'capacity' gives '{capacity.cores}' cores: settle how many each process has"
    executor = spec.start(capacity)
    with tempfile.TemporaryDirectory() as folder:
        try:
            for key, code, fails in (("well", "print('said')", False), ("ill", "raise SystemExit(3)", True)):
                log = Path(folder) / "logs" / f"{key}.log"
                executor.begin(_process(key, code, log))
                fault = _fault_of_end(executor, key)
                assert bool(fault) == fails, f"a process that {'failed' if fails else 'did well'} ends with '{fault}'"
                said = log.read_text(encoding="utf-8") if log.exists() else ""
                assert fails or said.strip() == "said", f"a process printed 'said', but its log has '{said}'"
            executor.begin(_process("stopped", _LISTENS, Path(folder) / "logs" / "stopped.log"))
        finally:
            executor.stop()
        _fault_of_end(executor, "stopped")


def _process(key: str, code: str, log: Path) -> StudyProcess:
    return StudyProcess(key=key, command=(sys.executable, "-c", code), environment={}, log=log)


def _fault_of_end(executor: Executor, key: str) -> str:
    """Return the fault with which a process ends.  Raises AssertionError where it does not, or another does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for end in executor.ended(1.0):
            assert end.key == key, f"'{end.key}' ended, but '{key}' was begun"
            return end.fault
    raise AssertionError(f"the process '{key}' did not end in {PATIENCE:.0f} seconds")
