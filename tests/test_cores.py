"""Cores are those that the process may use, wherever derm divides its work by them."""

from __future__ import annotations

import os
import subprocess
import sys

from derm_cli.cores import usable_cores


def test_cores_are_those_that_the_process_may_use():
    """``taskset`` and a container's ``--cpuset-cpus`` leave fewer than the machine has."""
    one = min(os.sched_getaffinity(0))
    program = f"import os; os.sched_setaffinity(0, [{one}]); from derm_cli import cores; print(cores.usable_cores())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
    assert usable_cores() == len(os.sched_getaffinity(0))


def test_where_the_system_does_not_tell_they_are_all_of_the_machine(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert usable_cores() == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cores() == 1
