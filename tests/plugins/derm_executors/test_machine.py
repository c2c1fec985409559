"""What this machine has for processes."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace

import pytest

from derm_executors import machine


@pytest.mark.parametrize(
    ("gpus", "cores", "free", "workers"),
    [
        ([], 1, 64e9, 1),
        ([], 2, 64e9, 2),
        ([], 4, 64e9, 4),
        ([], 6, 64e9, 6),
        ([], 8, 64e9, 4),
        ([], 16, 64e9, 4),
        ([], 64, 64e9, 16),
        ([], 2, 4e9, 1),
        ([], 16, 7e9, 2),
        ([], 16, 1e9, 1),
        ([], 16, None, 4),
        (["0", "1", "2"], 16, 64e9, 3),
        (["0", "1", "2"], 16, 4e9, 1),
    ],
)
def test_trainings_at_once_by_cores_memory_and_gpus(monkeypatch, gpus, cores, free, workers):
    monkeypatch.setattr(machine, "accelerators", lambda: gpus)
    monkeypatch.setattr(machine, "usable_cores", lambda: list(range(cores)))
    monkeypatch.setattr(machine, "free_bytes", lambda: free)
    assert machine.workers_that_fit() == workers


@pytest.mark.parametrize(
    ("variable", "told", "expected"),
    [
        ("", "GPU 0: A\n", []),
        ("-1", "GPU 0: A\n", []),
        ("2,5", "", ["2", "5"]),
        (None, "GPU 0: A (UUID)\nGPU 1: A (UUID)\n", ["0", "1"]),
        (None, "", []),
        (None, OSError(), []),
    ],
)
def test_the_gpus_that_may_be_used(monkeypatch, variable, told, expected):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if variable is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", variable)

    def run(*_, **__):
        if isinstance(told, OSError):
            raise told
        return SimpleNamespace(returncode=0, stdout=told)

    monkeypatch.setattr(machine.shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(subprocess, "run", run)
    assert machine.accelerators() == expected


def test_memory_is_known_on_this_system():
    assert machine.free_bytes() > 0
